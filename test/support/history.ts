import { v7 } from 'uuid'
import type { Execution } from '../../src/executions/execution.ts'
import type { TestApp } from './app.ts'
import { withDatabase } from './database.ts'

type Past = Partial<Pick<Execution, 'botId' | 'botSlug' | 'state' | 'trigger'>> & { queuedAt: number }

/** Writes executions into the history beside the server; they never ran. @returns their ids, in the order given. */
export function writeHistory(app: TestApp, executions: Past[]): string[] {
  const rows = executions.map(execution => ({
    id: v7({ msecs: execution.queuedAt }),
    botId: null,
    botSlug: 'bot',
    state: 'succeeded',
    trigger: 'api',
    ...execution
  }))
  withDatabase(app.config.dataDir, db => {
    const insert = db.prepare(
      `INSERT INTO executions (id, bot_id, bot_slug, state, trigger, parameters, queued_at)
       VALUES (@id, @botId, @botSlug, @state, @trigger, '{}', @queuedAt)`
    )
    for (const row of rows) insert.run(row)
  })
  return rows.map(({ id }) => id)
}
