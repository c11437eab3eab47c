import type { ExpressionBuilder, Kysely } from 'kysely'
import type { AttemptRow, Database } from '../db/schema.ts'
import { firstIdAt } from '../lib/ids.ts'
import { type Execution, type ExecutionFilter, STATES, TRIGGERS } from './execution.ts'
import { countAll } from './lanes.ts'
import { fromRow, LISTED_COLUMNS, type ListedRow } from './rows.ts'

/** An execution's attempt as it lies in its folder. */
export interface AttemptRef {
  id: string
  number: number
  ended: boolean
}

/** Rows asked for by their ids in one statement; each number of ids is a statement to prepare and keep. */
const MAX_PAGE = 201

/** Executions as they were written down, those that wait and run among them. */
export class ExecutionHistoryStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  async find(id: string): Promise<Execution | null> {
    const row = await this.#db
      .selectFrom('executions')
      .selectAll()
      .select(namesNow)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return null
    const [execution] = await this.#withAttempts([row])
    return { ...execution!, outputs: JSON.parse(row.outputs) }
  }

  /** The JSON text that an execution was given; null when it was given none. */
  async payload(executionId: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('payloads')
      .select('json')
      .where('execution_id', '=', executionId)
      .executeTakeFirst()
    return row?.json ?? null
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
   * however long the history. What one trigger has started is read from an index of its own, and what does not fit
   * passed by: it is the same kind all along, and another index by state would cost every change of one.
   */
  async list(query: ExecutionFilter & { limit: number; cursor: string | undefined }): Promise<Execution[]> {
    const { botId, states, triggers, triggerId, since, until, limit, cursor } = query
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
    if (triggerId !== undefined) {
      newest = newest.where('trigger_id', '=', triggerId)
      if (states) newest = newest.where('state', 'in', states)
      if (triggers) newest = newest.where('trigger', 'in', triggers)
    }
    if (triggerId !== undefined || (!states && !triggers))
      return this.#withAttempts(await newest.select(LISTED_COLUMNS).select(namesNow).execute())

    const pairs = (states ?? STATES).flatMap(state => (triggers ?? TRIGGERS).map(trigger => ({ state, trigger })))
    const ids = pairs
      .map(({ state, trigger }) => newest.select('id').where('state', '=', state).where('trigger', '=', trigger))
      .map(piece => this.#db.selectFrom(piece.as('piece')).select('id'))
      .reduce((all, piece) => all.unionAll(piece))
    const rows = await this.#db
      .selectFrom('executions')
      .select(LISTED_COLUMNS)
      .select(namesNow)
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
      .select(LISTED_COLUMNS)
      .select(namesNow)
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

  async #withAttempts(rows: ListedRow[]): Promise<Execution[]> {
    const attempts: AttemptRow[] = []
    for (let from = 0; from < rows.length; from += MAX_PAGE) {
      const ids = rows.slice(from, from + MAX_PAGE).map(row => row.id)
      const found = this.#db.selectFrom('attempts').selectAll().where('execution_id', 'in', ids).orderBy('number')
      attempts.push(...(await found.execute()))
    }
    const byExecution = Map.groupBy(attempts, attempt => attempt.execution_id)
    return rows.map(row => fromRow(row, byExecution.get(row.id) ?? []))
  }
}

/** What its bot and its trigger are called now; null once they have been deleted. */
function namesNow(db: ExpressionBuilder<Database, 'executions'>) {
  return [
    db.selectFrom('bots as b').select('b.name').whereRef('b.id', '=', 'executions.bot_id').as('bot_name'),
    db.selectFrom('triggers as t').select('t.name').whereRef('t.id', '=', 'executions.trigger_id').as('trigger_name')
  ]
}
