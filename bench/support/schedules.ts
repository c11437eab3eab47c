import { rmSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { newId } from '../../src/lib/ids.ts'
import { settleSchedule } from '../../src/triggers/schedule-rules.ts'
import type { Schedule } from '../../src/triggers/trigger.ts'
import { type BenchServer, makeDataDir, startServer } from './server.ts'

/** A server with these schedules of one bot, for as long as `use` takes. */
export async function withSchedules<T>(
  schedules: Partial<Schedule>[],
  use: (server: BenchServer, dataDir: string) => Promise<T>
): Promise<T> {
  const dataDir = makeDataDir()
  try {
    const first = await startServer(dataDir)
    await first.enter()
    await first.makeBot(['/bin/true'], { concurrency: { limit: 100, policy: 'queue' } })
    await first.stop()
    addSchedules(dataDir, schedules)
    const server = await startServer(dataDir)
    await server.enter()
    try {
      return await use(server, dataDir)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Makes schedules of the first bot in the database of a server that is not running. */
export function addSchedules(dataDir: string, schedules: Partial<Schedule>[]): void {
  withDatabase(dataDir, db => {
    const bot = db.prepare('SELECT id FROM bots LIMIT 1').pluck().get()
    const insert = db.prepare(
      `INSERT INTO triggers (id, bot_id, name, kind, enabled, parameters, settings, created_at, updated_at)
       VALUES (?, ?, 'bench', 'schedule', 1, '{}', ?, 0, 0)`
    )
    db.transaction(() => {
      for (const schedule of schedules)
        insert.run(newId(), bot, JSON.stringify(settleSchedule(schedule, null, Date.now())))
    })()
  })
}

/** How many slots are in a state. */
export function countSlots(dataDir: string, state: string): number {
  const count = 'SELECT count(*) FROM occurrences WHERE state = ?'
  return withDatabase(dataDir, db => db.prepare(count).pluck().get(state) as number)
}

/** From each slot that started something to when that was in the queue, in milliseconds, in the order of the slots. */
export function delays(dataDir: string): number[] {
  return withDatabase(
    dataDir,
    db =>
      db
        .prepare(
          `SELECT queued_at - CAST(occasion AS integer) FROM executions WHERE trigger = 'schedule' ORDER BY occasion`
        )
        .pluck()
        .all() as number[]
  )
}

function withDatabase<T>(dataDir: string, use: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(join(dataDir, 'botyard.db'))
  try {
    return use(db)
  } finally {
    db.close()
  }
}
