import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Bot } from '../bots/bot.ts'
import type { AttemptRow, Database, ExecutionRow } from '../db/schema.ts'
import { firstIdAt, newId } from '../ids.ts'
import type { Admission, Load } from './admission.ts'
import { type Attempt, type EndCause, type Execution, type ExecutionFilter, STATES, TRIGGERS } from './execution.ts'
import type { Outcome } from './judgement.ts'
import type { UsageSummary } from './usage.ts'

/** An attempt that is to run or runs, and what its supervisor must know of it. */
export interface LiveAttemptRecord {
  id: string
  number: number
  executionId: string
  botId: string
  startedAt: number
  /** When its time is up, if nobody sets the clock. */
  deadlineAt: number
  /** It is ended when it prints nothing for so long; null when it may. */
  idleTimeoutMs: number | null
  killGraceMs: number
  terminal: boolean
  ending: EndCause | null
}

/** What an attempt's end is kept with. */
export interface AttemptEnd extends Outcome {
  endedAt: number
  pid: number | null
  logBytes: number
  outputs: Record<string, string>
  usage: UsageSummary | null
  /** When the next attempt may begin; null when there is none, so that the execution ends as the attempt did. */
  retryAt: number | null
}

/** How somebody asks for an execution so that asking twice makes one. */
export interface Idempotency {
  userId: string
  key: string
  /** Of what is asked for. */
  requestHash: string
}

export type Enqueued =
  | Exclude<Admission, { kind: 'queued' }>
  /** `cancelled` waited and never run; `ending` run and are to be ended. */
  | { kind: 'queued'; cancelled: string[]; ending: string[] }
  /** The same was asked for before. */
  | { kind: 'repeated'; executionId: string }
  | { kind: 'key_reused' }
  /** The bot was deleted or disabled meanwhile. */
  | { kind: 'gone' }

/** An execution's attempt as it lies in its folder. */
export interface AttemptRef {
  id: string
  number: number
  ended: boolean
}

/** Rows asked for by their ids in one statement; each number of ids is a statement to prepare and keep. */
const MAX_PAGE = 201

const DAY_MS = 86_400_000

export class ExecutionStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /**
   * Adds an execution to the queue, or to the history as skipped, as `decide` says of the load at this moment. With
   * policy `replace`, those that give way to it are cancelled or marked as to be ended in the same step.
   */
  enqueue(
    execution: Execution,
    decide: (load: Pick<Load, 'queued' | 'unfinished'>) => Admission,
    policy: Bot['concurrency']['policy'],
    idempotency: Idempotency | null
  ): Promise<Enqueued> {
    return this.#db.transaction().execute(async trx => {
      const earlier = idempotency && (await findKey(trx, idempotency, execution.queuedAt))
      if (earlier) {
        if (earlier.request_hash !== idempotency.requestHash) return { kind: 'key_reused' }
        return { kind: 'repeated', executionId: earlier.execution_id }
      }
      // Who waits for his turn in any case need not know who else is there.
      const lane = policy === 'queue' ? [] : await unfinishedInLane(trx, execution)
      const admission = decide({ queued: await countQueued(trx), unfinished: lane.length })
      if (admission.kind === 'rejected') return admission
      if (!(await insertExecution(trx, execution, admission))) return { kind: 'gone' }
      if (idempotency) await keepKey(trx, idempotency, execution)
      if (admission.kind === 'skipped') return admission
      const giveWay = lane.slice(0, admission.replaces)
      const cancelled = giveWay.filter(({ state }) => state === 'queued').map(({ id }) => id)
      const ending = giveWay.filter(({ state }) => state === 'running').map(({ id }) => id)
      await replaceQueued(trx, cancelled, execution.queuedAt)
      await markReplaced(trx, ending)
      return { kind: 'queued', cancelled, ending }
    })
  }

  /**
   * Takes what may run now and gives each its next attempt: of the highest priority first, then of the bot that runs the
   * fewest, then the oldest. What waits for its next attempt may run when its time has come. Of a bot run no more than
   * its limit, and no two with the same key; a trial of a bot counts as one of its executions, as it works in the same
   * folder. At most so many that all that run are no more than `machine`, and {@link MAX_CLAIMS}: fewer when no more may run.
   */
  claim(limit: { machine: number; now: number }): Promise<LiveAttemptRecord[]> {
    return this.#db.transaction().execute(async trx => {
      const room = Math.min(limit.machine - (await countRunning(trx)), MAX_CLAIMS)
      const claimed: LiveAttemptRecord[] = []
      while (claimed.length < room) {
        const next = await nextToRun(trx, limit.now)
        if (!next) break
        claimed.push(await startAttempt(trx, next, limit.now))
      }
      return claimed
    })
  }

  /** Forgets idempotency keys that no longer say anything. */
  async forgetKeys(now: number): Promise<void> {
    await this.#db
      .deleteFrom('idempotency_keys')
      .where('created_at', '<=', now - KEY_DAYS * DAY_MS)
      .execute()
  }

  /** When the first of those that wait for their next attempt may begin; null when none does. */
  async nextRetryAt(): Promise<number | null> {
    const row = await this.#db
      .selectFrom('executions')
      .select('not_before')
      .where('not_before', 'is not', null)
      .where('state', '=', 'queued')
      .orderBy('not_before')
      .limit(1)
      .executeTakeFirst()
    return row?.not_before ?? null
  }

  /** Somebody has set the clock by so many milliseconds; whoever waits for his next attempt waits as long as before. */
  async shiftRetries(ms: number): Promise<void> {
    await this.#db
      .updateTable('executions')
      .set({ not_before: sql`not_before + ${ms}` })
      .where('not_before', 'is not', null)
      .where('state', '=', 'queued')
      .execute()
  }

  /** Everything that was running when the last server stopped, oldest first. */
  async running(): Promise<LiveAttemptRecord[]> {
    const rows = await this.#db
      .selectFrom('attempts')
      .innerJoin('executions', 'executions.id', 'attempts.execution_id')
      .selectAll('attempts')
      .select('executions.bot_id')
      .where('executions.state', '=', 'running')
      .where('attempts.ended_at', 'is', null)
      .orderBy('attempts.id')
      .execute()
    return rows.map(row => toLive({ ...row, bot_id: row.bot_id! }))
  }

  /** False when it no longer waits. */
  cancelQueued(id: string, now: number): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .updateTable('executions')
        .set({ state: 'cancelled', reason: 'requested', ended_at: now, not_before: null })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      await forgetTrial(trx, id)
      return true
    })
  }

  /** Keeps why an attempt is being ended. False when another cause was first, which stands. */
  async setEnding(attemptId: string, cause: EndCause): Promise<boolean> {
    const result = await this.#db
      .updateTable('attempts')
      .set({ ending: cause })
      .where('id', '=', attemptId)
      .where('ending', 'is', null)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /**
   * Ends an attempt, and its execution unless another attempt follows. False when somebody ended it first; that outcome
   * stands and ours is dropped.
   */
  finish(attempt: { id: string; executionId: string }, end: AttemptEnd): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const { state, reason, detail, exitCode, retryAt } = end
      const ended = { state, reason, detail, exit_code: exitCode, ended_at: end.endedAt, not_before: null }
      const waits = { state: 'queued', reason: 'retry_wait', detail: null, not_before: retryAt }
      const result = await trx
        .updateTable('executions')
        .set({ ...(retryAt === null ? ended : waits), outputs: JSON.stringify(end.outputs) })
        .where('id', '=', attempt.executionId)
        .where('state', '=', 'running')
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      await trx
        .updateTable('attempts')
        .set({
          state,
          reason,
          detail,
          ended_at: end.endedAt,
          exit_code: exitCode,
          signal: end.signal,
          pid: end.pid,
          log_bytes: end.logBytes,
          cpu_ms: end.usage?.cpuMs ?? null,
          max_memory_bytes: end.usage?.maxMemoryBytes ?? null,
          max_pids: end.usage?.maxPids ?? null
        })
        .where('id', '=', attempt.id)
        .execute()
      if (retryAt === null) await forgetTrial(trx, attempt.executionId)
      return true
    })
  }

  async find(id: string): Promise<Execution | null> {
    const row = await this.#db.selectFrom('executions').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) return null
    return (await this.#withAttempts([row]))[0]!
  }

  /** The attempts of an execution, oldest first. */
  async attempts(executionId: string): Promise<AttemptRef[]> {
    const rows = await this.#db
      .selectFrom('attempts')
      .select(['id', 'number', 'ended_at'])
      .where('execution_id', '=', executionId)
      .orderBy('number')
      .execute()
    return rows.map(row => ({ id: row.id, number: row.number, ended: row.ended_at !== null }))
  }

  /**
   * Newest first; one more than `limit` when there is more. As an execution's id says when it was queued, times are
   * bounds of ids. Where states or triggers are asked for, the newest of each pair of a state and a trigger are read
   * from an index that has them in order, and the newest of all those are the page: nothing else is looked at,
   * however long the history.
   */
  async list(query: ExecutionFilter & { limit: number; cursor: string | undefined }): Promise<Execution[]> {
    const { botId, states, triggers, since, until, limit, cursor } = query
    // One bound from above: of two, the database would search by either, and pass by all between them one by one.
    const before = [cursor, until === undefined ? undefined : firstIdAt(until)]
      .filter(bound => bound !== undefined)
      .sort()[0]
    let newest = this.#db
      .selectFrom('executions')
      .orderBy('id', 'desc')
      .limit(limit + 1)
    if (botId) newest = newest.where('bot_id', '=', botId)
    if (before !== undefined) newest = newest.where('id', '<', before)
    if (since !== undefined) newest = newest.where('id', '>=', firstIdAt(since))
    if (!states && !triggers) return this.#withAttempts(await newest.selectAll().execute())

    const pairs = (states ?? STATES).flatMap(state => (triggers ?? TRIGGERS).map(trigger => ({ state, trigger })))
    const ids = pairs
      .map(({ state, trigger }) => newest.select('id').where('state', '=', state).where('trigger', '=', trigger))
      .map(piece => this.#db.selectFrom(piece.as('piece')).select('id'))
      .reduce((all, piece) => all.unionAll(piece))
    const rows = await this.#db
      .selectFrom('executions')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return this.#withAttempts(rows)
  }

  /** The newest `perBot` executions of each bot, newest first within a bot; nothing for a bot there is not. */
  async latest(botIds: string[], perBot: number): Promise<Execution[]> {
    const rows = await this.#db
      .selectFrom('bots')
      .innerJoin('executions', join =>
        join.on('executions.id', 'in', db =>
          db
            .selectFrom('executions as newest')
            .select('newest.id')
            .whereRef('newest.bot_id', '=', 'bots.id')
            .orderBy('newest.id', 'desc')
            .limit(perBot)
        )
      )
      .selectAll('executions')
      .where('bots.id', 'in', botIds)
      .where('bots.trial_of', 'is', null)
      .execute()
    const byBot = Map.groupBy(rows, row => row.bot_id)
    const inOrder = botIds.flatMap(id => byBot.get(id)?.sort((a, b) => (a.id < b.id ? 1 : -1)) ?? [])
    return this.#withAttempts(inOrder)
  }

  /** How many wait and how many run. */
  async load(): Promise<{ queued: number; running: number }> {
    const rows = await this.#db
      .selectFrom('executions')
      .select(['state', countAll])
      .where('state', 'in', ['queued', 'running'])
      .groupBy('state')
      .execute()
    const of = (state: string) => Number(rows.find(row => row.state === state)?.count ?? 0)
    return { queued: of('queued'), running: of('running') }
  }

  async #withAttempts(rows: Selectable<ExecutionRow>[]): Promise<Execution[]> {
    const attempts: AttemptRow[] = []
    for (let from = 0; from < rows.length; from += MAX_PAGE) {
      const ids = rows.slice(from, from + MAX_PAGE).map(row => row.id)
      const found = this.#db.selectFrom('attempts').selectAll().where('execution_id', 'in', ids).orderBy('number')
      attempts.push(...(await found.execute()))
    }
    const byExecution = Map.groupBy(attempts, attempt => attempt.execution_id)
    const names = await this.#botNames(rows)
    return rows.map(row => fromRow(row, byExecution.get(row.id) ?? [], names.get(row.bot_id) ?? null))
  }

  async #botNames(rows: Selectable<ExecutionRow>[]): Promise<Map<string | null, string>> {
    const ids = [...new Set(rows.flatMap(row => row.bot_id ?? []))]
    if (ids.length === 0) return new Map()
    const bots = await this.#db.selectFrom('bots').select(['id', 'name']).where('id', 'in', ids).execute()
    return new Map(bots.map(bot => [bot.id, bot.name]))
  }
}

/** Claims in one step: no more, so that whoever else wants the database need not wait long. */
export const MAX_CLAIMS = 32

interface NextToRun {
  id: string
  bot_id: string
  attempts: number
  timeout_ms: number
  idle_timeout_ms: number | null
  kill_grace_ms: number
  terminal: number
}

/** Bots are looked at one by one, each by what its index says is next: those that wait may be thousands. */
async function nextToRun(trx: Transaction<Database>, now: number): Promise<NextToRun | undefined> {
  const { rows } = await sql<NextToRun>`
    WITH active AS (SELECT bot_id, bot_slug, concurrency_key FROM executions WHERE state = 'running')
    SELECT waiting.id, waiting.bot_id, candidates.timeout_ms, candidates.idle_timeout_ms, candidates.kill_grace_ms,
      candidates.terminal, (SELECT count(*) FROM attempts WHERE execution_id = waiting.id) AS attempts
    FROM (
      SELECT bots.*,
        (SELECT count(*) FROM active
          WHERE active.bot_id = bots.id OR active.bot_slug = coalesce(bots.trial_of, bots.slug)) AS running,
        (SELECT e.id FROM executions AS e
          WHERE e.state = 'queued' AND e.bot_id = bots.id
            AND (e.not_before IS NULL OR e.not_before <= ${now})
            AND (e.concurrency_key IS NULL OR NOT EXISTS (
              SELECT 1 FROM active
              WHERE active.concurrency_key = e.concurrency_key
                AND (active.bot_id = e.bot_id OR active.bot_slug = e.bot_slug)))
          ORDER BY e.priority DESC, e.id LIMIT 1) AS next_id
      FROM bots
      WHERE EXISTS (SELECT 1 FROM executions AS e WHERE e.state = 'queued' AND e.bot_id = bots.id)
    ) AS candidates
    JOIN executions AS waiting ON waiting.id = candidates.next_id
    WHERE candidates.running < candidates.concurrency_limit
    ORDER BY waiting.priority DESC, candidates.running, waiting.id
    LIMIT 1`.execute(trx)
  return rows[0]
}

async function startAttempt(trx: Transaction<Database>, next: NextToRun, now: number): Promise<LiveAttemptRecord> {
  await trx
    .updateTable('executions')
    .set(({ fn, val }) => ({
      state: 'running',
      reason: null,
      not_before: null,
      started_at: fn.coalesce('started_at', val(now))
    }))
    .where('id', '=', next.id)
    .execute()
  const attempt = {
    id: newId(),
    execution_id: next.id,
    number: next.attempts + 1,
    started_at: now,
    deadline_at: now + next.timeout_ms,
    idle_timeout_ms: next.idle_timeout_ms,
    kill_grace_ms: next.kill_grace_ms,
    terminal: next.terminal,
    log_bytes: 0
  }
  await trx.insertInto('attempts').values(attempt).execute()
  return toLive({ ...attempt, ending: null, bot_id: next.bot_id })
}

/** False when the bot has been deleted meanwhile, or disabled. */
async function insertExecution(
  trx: Transaction<Database>,
  execution: Execution,
  admission: Exclude<Admission, { kind: 'rejected' }>
): Promise<boolean> {
  const skipped = admission.kind === 'skipped'
  const values = {
    id: execution.id,
    state: admission.kind,
    reason: skipped ? admission.reason : null,
    detail: skipped ? admission.detail : null,
    trigger: execution.trigger,
    started_by: execution.by,
    parameters: JSON.stringify(execution.parameters),
    queued_at: execution.queuedAt,
    ended_at: skipped ? execution.queuedAt : null,
    trial: execution.trial ? 1 : 0,
    priority: execution.priority,
    concurrency_key: execution.concurrencyKey,
    rerun_of: execution.rerunOf
  }
  const columns = Object.keys(values) as (keyof typeof values)[]
  const result = await trx
    .insertInto('executions')
    .columns(['bot_id', 'bot_slug', ...columns])
    .expression(db =>
      db
        .selectFrom('bots')
        .select(({ fn }) => ['bots.id as bot_id', fn.coalesce('bots.trial_of', 'bots.slug').as('bot_slug')])
        .select(({ val }) => columns.map(column => val(values[column]).as(column)))
        .where('bots.id', '=', execution.botId!)
        .where('bots.enabled', '=', 1)
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Oldest first. A trial is in its bot's way when it runs, and only then. */
function unfinishedInLane(trx: Transaction<Database>, { botId, concurrencyKey }: Execution) {
  const ofBot = trx
    .selectFrom('executions')
    .select(['id', 'state'])
    .where('bot_id', '=', botId)
    .where('state', 'in', ['queued', 'running'])
  return (concurrencyKey === null ? ofBot : ofBot.where('concurrency_key', '=', concurrencyKey)).orderBy('id').execute()
}

async function replaceQueued(trx: Transaction<Database>, ids: string[], now: number): Promise<void> {
  if (ids.length === 0) return
  await trx
    .updateTable('executions')
    .set({ state: 'cancelled', reason: 'replaced', ended_at: now, not_before: null })
    .where('id', 'in', ids)
    .execute()
}

/** Those that run are ended by their supervisor, by the next server's if this one dies now. */
async function markReplaced(trx: Transaction<Database>, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await trx
    .updateTable('attempts')
    .set({ ending: 'replace' })
    .where('execution_id', 'in', ids)
    .where('ended_at', 'is', null)
    .where('ending', 'is', null)
    .execute()
}

/** A key says that a request is the same for so long. */
const KEY_DAYS = 1

function findKey(trx: Transaction<Database>, { userId, key }: Idempotency, now: number) {
  return (
    trx
      .selectFrom('idempotency_keys')
      // What has been removed from the history is nothing to answer with.
      .innerJoin('executions', 'executions.id', 'idempotency_keys.execution_id')
      .select(['request_hash', 'execution_id'])
      .where('user_id', '=', userId)
      .where('key', '=', key)
      .where('created_at', '>', now - KEY_DAYS * DAY_MS)
      .executeTakeFirst()
  )
}

async function keepKey(trx: Transaction<Database>, idempotency: Idempotency, execution: Execution): Promise<void> {
  const { userId, key, requestHash } = idempotency
  const kept = { request_hash: requestHash, execution_id: execution.id, created_at: execution.queuedAt }
  await trx
    .insertInto('idempotency_keys')
    .values({ user_id: userId, key, ...kept })
    .onConflict(c => c.columns(['user_id', 'key']).doUpdateSet(kept))
    .execute()
}

async function countQueued(trx: Transaction<Database>): Promise<number> {
  return countOf(await trx.selectFrom('executions').select(countAll).where('state', '=', 'queued').executeTakeFirst())
}

async function countRunning(trx: Transaction<Database>): Promise<number> {
  return countOf(await trx.selectFrom('executions').select(countAll).where('state', '=', 'running').executeTakeFirst())
}

function countOf(row: { count: number } | undefined): number {
  return Number(row?.count ?? 0)
}

/** Once an execution has ended, the bot that was only tried by it goes. */
async function forgetTrial(trx: Transaction<Database>, executionId: string): Promise<void> {
  await trx
    .deleteFrom('bots')
    .where('trial_of', 'is not', null)
    .where('id', '=', db =>
      db.selectFrom('executions').select('bot_id').where('id', '=', executionId).where('trial', '=', 1)
    )
    .execute()
}

const countAll = sql<number>`count(*)`.as('count')

function toLive(
  row: Pick<
    AttemptRow,
    | 'id'
    | 'number'
    | 'execution_id'
    | 'started_at'
    | 'deadline_at'
    | 'idle_timeout_ms'
    | 'kill_grace_ms'
    | 'terminal'
    | 'ending'
  > & { bot_id: string }
): LiveAttemptRecord {
  return {
    id: row.id,
    number: row.number,
    executionId: row.execution_id,
    botId: row.bot_id,
    startedAt: row.started_at,
    deadlineAt: row.deadline_at,
    idleTimeoutMs: row.idle_timeout_ms,
    killGraceMs: row.kill_grace_ms,
    terminal: row.terminal === 1,
    ending: row.ending as EndCause | null
  }
}

function fromRow(row: ExecutionRow, attempts: AttemptRow[], botName: string | null): Execution {
  return {
    id: row.id,
    botId: row.bot_id,
    botSlug: row.bot_slug,
    botName,
    state: row.state as Execution['state'],
    reason: row.reason as Execution['reason'],
    detail: row.detail,
    trigger: row.trigger as Execution['trigger'],
    by: row.started_by,
    parameters: JSON.parse(row.parameters),
    attempts: attempts.map(fromAttemptRow),
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    exitCode: row.exit_code,
    priority: row.priority,
    concurrencyKey: row.concurrency_key,
    notBefore: row.not_before,
    rerunOf: row.rerun_of,
    outputs: JSON.parse(row.outputs),
    trial: row.trial === 1
  }
}

function fromAttemptRow(row: AttemptRow): Attempt {
  return {
    number: row.number,
    pid: row.pid,
    exitCode: row.exit_code,
    signal: row.signal,
    ending: row.ending as Attempt['ending'],
    terminal: row.terminal === 1,
    state: row.state as Attempt['state'],
    reason: row.reason as Attempt['reason'],
    detail: row.detail,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    logBytes: row.log_bytes,
    cpuMs: row.cpu_ms,
    maxMemoryBytes: row.max_memory_bytes,
    maxPids: row.max_pids
  }
}
