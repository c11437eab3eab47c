import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { AttemptRow, Database, ExecutionRow } from '../db/schema.ts'
import { firstIdAt, newId } from '../ids.ts'
import { type Attempt, type EndCause, type Execution, type ExecutionFilter, STATES, TRIGGERS } from './execution.ts'
import type { Outcome } from './judgement.ts'

/** An attempt that is to run or runs, and what its supervisor must know of it. */
export interface LiveAttemptRecord {
  id: string
  number: number
  executionId: string
  botId: string
  startedAt: number
  deadlineAt: number
  killGraceMs: number
  ending: EndCause | null
}

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

  /** False when the bot has been deleted meanwhile, or disabled. */
  async enqueue(execution: Execution): Promise<boolean> {
    const result = await this.#db
      .insertInto('executions')
      .columns(['id', 'bot_id', 'bot_slug', 'state', 'trigger', 'started_by', 'parameters', 'queued_at', 'trial'])
      .expression(db =>
        db
          .selectFrom('bots')
          .select(({ val, fn }) => [
            val(execution.id).as('id'),
            'bots.id as bot_id',
            fn.coalesce('bots.trial_of', 'bots.slug').as('bot_slug'),
            val('queued').as('state'),
            val(execution.trigger).as('trigger'),
            val(execution.by).as('started_by'),
            val(JSON.stringify(execution.parameters)).as('parameters'),
            val(execution.queuedAt).as('queued_at'),
            val(execution.trial ? 1 : 0).as('trial')
          ])
          .where('bots.id', '=', execution.botId!)
          .where('bots.enabled', '=', 1)
      )
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }

  /**
   * Takes the oldest execution that may run and gives it its first attempt. Null when none waits, the machine is full,
   * or the bots of all that wait are at their limit.
   */
  claimNext(limit: { machine: number; now: number }): Promise<LiveAttemptRecord | null> {
    return this.#db.transaction().execute(async trx => {
      const next = await trx
        .selectFrom('executions as waiting')
        .innerJoin('bots', 'bots.id', 'waiting.bot_id')
        .select(['waiting.id', 'bots.id as botId', 'bots.timeout_ms', 'bots.kill_grace_ms'])
        .where('waiting.state', '=', 'queued')
        .where(({ selectFrom, eb }) =>
          eb(selectFrom('executions').select(countAll).where('state', '=', 'running'), '<', limit.machine)
        )
        .where(({ selectFrom, eb, ref }) =>
          eb(
            selectFrom('executions as other')
              .select(countAll)
              .where('other.state', '=', 'running')
              // A trial of a bot works in the same folder, though it is a row of its own.
              .where(other =>
                other.or([
                  other('other.bot_id', '=', other.ref('bots.id')),
                  other('other.bot_slug', '=', other.ref('waiting.bot_slug'))
                ])
              ),
            '<',
            ref('bots.concurrency_limit')
          )
        )
        .orderBy('waiting.id')
        .limit(1)
        .executeTakeFirst()
      if (!next) return null

      const claimed = await trx
        .updateTable('executions')
        .set({ state: 'running', started_at: limit.now })
        .where('id', '=', next.id)
        .where('state', '=', 'queued')
        .executeTakeFirst()
      if (claimed.numUpdatedRows !== 1n) return null
      const attempt = {
        id: newId(),
        execution_id: next.id,
        number: 1,
        started_at: limit.now,
        deadline_at: limit.now + next.timeout_ms,
        kill_grace_ms: next.kill_grace_ms,
        log_bytes: 0
      }
      await trx.insertInto('attempts').values(attempt).execute()
      return toLive({ ...attempt, ending: null, bot_id: next.botId })
    })
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
        .set({ state: 'cancelled', reason: 'requested', ended_at: now })
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

  /** Ends an attempt and its execution. False when somebody ended it first; that outcome stands and ours is dropped. */
  finish(
    attempt: { id: string; executionId: string },
    end: Outcome & { endedAt: number; pid: number | null; logBytes: number }
  ): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .updateTable('executions')
        .set({
          state: end.state,
          reason: end.reason,
          detail: end.detail,
          exit_code: end.exitCode,
          ended_at: end.endedAt
        })
        .where('id', '=', attempt.executionId)
        .where('state', '=', 'running')
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      await trx
        .updateTable('attempts')
        .set({
          ended_at: end.endedAt,
          exit_code: end.exitCode,
          signal: end.signal,
          pid: end.pid,
          log_bytes: end.logBytes
        })
        .where('id', '=', attempt.id)
        .execute()
      await forgetTrial(trx, attempt.executionId)
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

const countAll = sql<number>`count(*)`.as('count')

function toLive(
  row: Omit<AttemptRow, 'ended_at' | 'pid' | 'exit_code' | 'signal'> & { bot_id: string }
): LiveAttemptRecord {
  return {
    id: row.id,
    number: row.number,
    executionId: row.execution_id,
    botId: row.bot_id,
    startedAt: row.started_at,
    deadlineAt: row.deadline_at,
    killGraceMs: row.kill_grace_ms,
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
    startedAt: row.started_at,
    endedAt: row.ended_at,
    logBytes: row.log_bytes
  }
}
