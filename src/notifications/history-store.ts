import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/schema.ts'
import type { Execution, ExecutionState } from '../executions/execution.ts'

/** What notifications ask of the history. */
export class HistoryStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /**
   * How the execution of the same bot went that had ended, well or not, when this one did; null when there is none. Of
   * several that ran at a time it is the one that was started last.
   */
  async before({ id, botId, endedAt }: Execution): Promise<ExecutionState | null> {
    if (botId === null || endedAt === null) return null
    const row = await this.#db
      .selectFrom('executions')
      .select('state')
      .where('bot_id', '=', botId)
      // With the plus no index by state is chosen: newest first the answer is among the first few.
      .where(sql<string>`+state`, 'in', ['succeeded', 'failed', 'timed_out', 'lost'])
      .where(({ or, and, eb }) =>
        or([eb('ended_at', '<', endedAt), and([eb('ended_at', '=', endedAt), eb('id', '<', id)])])
      )
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return (row?.state as ExecutionState | undefined) ?? null
  }

  /** What runs since then or longer; what is only tried is not among it. */
  async runningSince(startedAt: number): Promise<{ id: string; botId: string | null; startedAt: number }[]> {
    const rows = await this.#db
      .selectFrom('executions')
      .select(['id', 'bot_id as botId', 'started_at as startedAt'])
      .where('state', '=', 'running')
      .where('started_at', '<=', startedAt)
      .where('trial', '=', 0)
      .execute()
    return rows.map(row => ({ ...row, startedAt: row.startedAt! }))
  }
}
