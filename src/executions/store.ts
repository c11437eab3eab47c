import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { EndCause, LiveAttemptRecord } from '../attempts/attempt.ts'
import type { Outcome } from '../attempts/judgement.ts'
import type { UsageSummary } from '../attempts/usage.ts'
import type { Bot } from '../bots/bot.ts'
import type { AttemptRow, Database, ExecutionRow } from '../db/schema.ts'
import { firstIdAt } from '../ids.ts'
import { type Admission, admit } from './admission.ts'
import { MAX_CLAIMS, nextToRun, startAttempt } from './claims.ts'
import { type Execution, type ExecutionFilter, STATES, TRIGGERS } from './execution.ts'
import { findKey, type Idempotency, KEY_MS, keepKey } from './idempotency.ts'
import { countAll, countIn, insertExecution, markReplaced, replaceQueued, unfinishedInLane } from './lanes.ts'
import { fromRow, toLive } from './rows.ts'

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

export class ExecutionStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /**
   * Adds an execution to the queue, or to the history as skipped, as admission says at this moment. With policy `replace`,
   * those that give way to it are cancelled or marked as to be ended in the same step.
   */
  enqueue(
    execution: Execution,
    { bot, maxQueued, idempotency }: { bot: Bot; maxQueued: number; idempotency: Idempotency | null }
  ): Promise<Enqueued> {
    return this.#db.transaction().execute(async trx => {
      const earlier = idempotency && (await findKey(trx, idempotency, execution.queuedAt))
      if (earlier) {
        if (earlier.request_hash !== idempotency.requestHash) return { kind: 'key_reused' }
        return { kind: 'repeated', executionId: earlier.execution_id }
      }
      // Who waits for his turn in any case need not know who else is there.
      const lane = bot.concurrency.policy === 'queue' ? [] : await unfinishedInLane(trx, execution)
      const admission = admit(bot, { queued: await countIn(trx, 'queued'), maxQueued, unfinished: lane.length })
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
      const room = Math.min(limit.machine - (await countIn(trx, 'running')), MAX_CLAIMS)
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
      .where('created_at', '<=', now - KEY_MS)
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

  /** False when it does not wait. */
  cancelQueued(id: string, now: number, cause: 'cancel' | 'replace' = 'cancel'): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .updateTable('executions')
        .set({
          state: 'cancelled',
          reason: cause === 'cancel' ? 'requested' : 'replaced',
          ended_at: now,
          not_before: null
        })
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
