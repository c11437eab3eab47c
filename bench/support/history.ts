import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { newId } from '../../src/lib/ids.ts'

/** Writes `count` executions that have ended into the database of a server that is not running. */
export function addHistory(dataDir: string, count: number): void {
  const db = new BetterSqlite3(join(dataDir, 'botyard.db'))
  try {
    const bot = db.prepare('SELECT id, slug FROM bots LIMIT 1').get() as { id: string; slug: string }
    const execution = db.prepare(
      `INSERT INTO executions (id, bot_id, bot_slug, state, trigger, parameters, queued_at, started_at, ended_at, exit_code)
       VALUES (@id, @bot, @slug, 'succeeded', 'api', '{}', @at, @at, @at, 0)`
    )
    const attempt = db.prepare(
      `INSERT INTO attempts (id, execution_id, number, started_at, ended_at, pid, exit_code, log_bytes, deadline_at, kill_grace_ms)
       VALUES (@id, @execution, 1, @at, @at, 1, 0, 1000, @at, 1000)`
    )
    db.transaction(() => {
      for (let i = 0; i < count; i++) {
        const id = newId()
        const at = Date.now()
        execution.run({ id, bot: bot.id, slug: bot.slug, at })
        attempt.run({ id: newId(), execution: id, at })
      }
    })()
  } finally {
    db.close()
  }
}
