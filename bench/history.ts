/**
 * Fifty executions of a short history and of a long one, by each filter, in the store: what HTTP adds is the same for both.
 * The histories differ in length only: bots, states and triggers have the same shares, the rarest a thousandth.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { v7 } from 'uuid'
import { Migrator } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open.ts'
import type { ExecutionFilter } from '../src/executions/execution.ts'
import { ExecutionHistoryStore } from '../src/executions/history-store.ts'
import { type Bench, median, type Row } from './support/row.ts'
import { makeDataDir } from './support/server.ts'

const SHORT = 1000
const LONG = 1_000_000
const ROUNDS = 400
const WARM_UP = 50
/** The second from which the long history goes back, one execution a second. */
const NOW = Date.UTC(2026, 0, 1)

const BOT = v7()
const FILTERS: [what: string, filter: ExecutionFilter][] = [
  ['no filter', {}],
  ['a bot', { botId: BOT }],
  ['a state', { states: ['failed'] }],
  ['three states', { states: ['failed', 'timed_out', 'lost'] }],
  ['a trigger', { triggers: ['manual'] }],
  ['a time', { since: NOW - 900_000, until: NOW - 100_000 }],
  ['a bot, three states', { botId: BOT, states: ['failed', 'timed_out', 'lost'] }],
  ['a bot, a state, a trigger, a time', { botId: BOT, states: ['succeeded'], triggers: ['api'], until: NOW - 100_000 }]
]

const bench: Bench = async () => {
  const folders = { short: makeDataDir(), long: makeDataDir() }
  try {
    const short = await historyOf(folders.short, SHORT)
    const long = await historyOf(folders.long, LONG)
    const rows: Row[] = []
    for (const [what, filter] of FILTERS) {
      const times = { short: [] as number[], long: [] as number[] }
      for (let round = -WARM_UP; round < ROUNDS; round++) {
        for (const [name, { history }] of [
          ['short', short],
          ['long', long]
        ] as const) {
          const time = await timeOf(() => history.list({ ...filter, limit: 50, cursor: undefined }))
          if (round >= 0) times[name].push(time)
        }
      }
      const ratio = median(times.long) / median(times.short)
      rows.push({ what: `50 of 1e6 by ${what}, p50`, ours: median(times.long), unit: 'ms', target: null })
      rows.push({ what: `50 of 1e6 by ${what}, times that of 1e3`, ours: ratio, unit: '', target: 1.5 })
    }
    await short.close()
    await long.close()
    return rows
  } finally {
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true })
  }
}

async function historyOf(dataDir: string, count: number) {
  const db = openDatabase(dataDir)
  await new Migrator(db).up()
  fill(dataDir, count)
  return { history: new ExecutionHistoryStore(db), close: () => db.destroy() }
}

/** Every second execution is of the bot, every tenth failed, every seventh was started by hand, and so on. */
function fill(dataDir: string, count: number): void {
  const db = new BetterSqlite3(join(dataDir, 'botyard.db'))
  db.pragma('synchronous = OFF')
  db.prepare(
    `INSERT INTO bots (id, slug, name, description, kind, command, env, parameters, timeout_ms, kill_grace_ms,
       max_log_bytes, concurrency_limit, concurrency_policy, tags, enabled, created_at, updated_at)
     VALUES (?, 'bot', 'Bot', '', 'command', '["true"]', '{}', '{}', 1000, 1000, 4096, 1, 'queue', '[]', 1, 1, 1)`
  ).run(BOT)
  const execution = db.prepare(
    `INSERT INTO executions (id, bot_id, bot_slug, state, trigger, parameters, queued_at, started_at, ended_at, exit_code)
     VALUES (@id, @bot, 'bot', @state, @trigger, '{}', @at, @at, @at, 0)`
  )
  const attempt = db.prepare(
    `INSERT INTO attempts (id, execution_id, number, started_at, ended_at, pid, exit_code, log_bytes, deadline_at, kill_grace_ms)
     VALUES (@id, @execution, 1, @at, @at, 1, 0, 1000, @at, 1000)`
  )
  db.transaction(() => {
    for (let i = count - 1; i >= 0; i--) {
      const at = NOW - i * 1000
      const id = v7({ msecs: at })
      const state = i % 10 === 0 ? 'failed' : i % 500 === 1 ? 'timed_out' : i % 1000 === 3 ? 'lost' : 'succeeded'
      execution.run({ id, bot: i % 2 === 0 ? BOT : null, state, trigger: i % 7 === 0 ? 'manual' : 'api', at })
      attempt.run({ id: v7({ msecs: at }), execution: id, at })
    }
  })()
  db.close()
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export default bench
