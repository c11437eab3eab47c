import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import type { Test } from 'tap'
import type { LaunchRecord } from '../../src/attempts/attempt.ts'
import { attemptsFolder } from '../../src/attempts/attempt-directory.ts'
import { type Launch, launchScript } from '../../src/attempts/launcher.ts'
import type { Bot } from '../../src/bots/bot.ts'
import type { AttemptRow } from '../../src/db/schema.ts'
import { type Execution, hasEnded } from '../../src/executions/execution.ts'
import { launchOf } from '../../src/executions/launch.ts'
import { newId } from '../../src/lib/ids.ts'
import type { Client } from './client.ts'
import { eventually } from './wait.ts'

export const WRAPPER = join(import.meta.dirname, '../../src/attempts/wrapper.sh')

/** An attempt that a server has claimed and then not come any further with. */
export interface ClaimedAttempt {
  executionId: string
  id: string
  folder: string
  launch: Launch
}

/** Writes into the database of a data folder what a server does at a claim. No server may run on it. */
export function claim(dataDir: string, bot: Bot, attempt: Partial<AttemptRow> = {}): ClaimedAttempt {
  const id = newId()
  const executionId = enqueue(dataDir, bot)
  const now = Date.now()
  const row = { started_at: now, deadline_at: now + bot.timeoutMs, ending: null, ...attempt }
  inDatabase(dataDir, db => {
    db.prepare("UPDATE executions SET state = 'running', started_at = ? WHERE id = ?").run(row.started_at, executionId)
    db.prepare(
      `INSERT INTO attempts (id, execution_id, number, started_at, deadline_at, kill_grace_ms, ending)
       VALUES (?, ?, 1, ?, ?, ?, ?)`
    ).run(id, executionId, row.started_at, row.deadline_at, bot.killGraceMs, row.ending)
  })
  const launch = launchOf(
    bot,
    { id, number: 1, executionId, trigger: 'api', parameters: {}, concurrencyKey: null },
    { dataDir, baseEnvironment: { PATH: process.env.PATH! }, secrets: {}, payload: null, user: null }
  )
  return { executionId, id, folder: join(attemptsFolder(dataDir), id), launch }
}

/** Writes into the database of a data folder what a server does before it acknowledges an execution; answers its id. */
export function enqueue(dataDir: string, bot: Bot): string {
  const id = newId()
  inDatabase(dataDir, db =>
    db
      .prepare(
        `INSERT INTO executions (id, bot_id, bot_slug, state, trigger, parameters, queued_at)
         VALUES (?, ?, ?, 'queued', 'api', '{}', ?)`
      )
      .run(id, bot.id, bot.slug, Date.now())
  )
  return id
}

export function inDatabase<T>(dataDir: string, work: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(join(dataDir, 'botyard.db'))
  try {
    return work(db)
  } finally {
    db.close()
  }
}

/** Starts an attempt the way a server's launcher does, without a server. Resolves when the shell has handed it over. */
export async function launchByHand(attempt: Pick<ClaimedAttempt, 'id' | 'launch'>): Promise<void> {
  mkdirSync(attempt.launch.folder, { recursive: true })
  mkdirSync(attempt.launch.cwd, { recursive: true })
  const { folder, argv, cwd, env, maxLogBytes } = attempt.launch
  const record: LaunchRecord = { argv, cwd, path: env.PATH ?? '', maxLogBytes }
  writeFileSync(join(folder, 'launch.json'), JSON.stringify(record))
  // `env -i`: the test runner adds variables of its own to whatever is started from a test.
  const shell = spawn('/usr/bin/env', ['-i', '/bin/sh'], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore']
  })
  shell.stdin.end(launchScript(attempt.id, attempt.launch))
  await once(shell, 'exit')
}

/** Runs a wrapper under the shell given, in a session of its own, to its end. */
export async function runWrapper(
  folder: string,
  argv: string[],
  options: Parameters<typeof startWrapper>[2] = {}
): Promise<void> {
  await once(startWrapper(folder, argv, options), 'exit')
}

/** The same, and answers its process at once. */
export function startWrapper(
  folder: string,
  argv: string[],
  options: {
    shell?: string[]
    capBlocks?: number
    env?: Record<string, string>
    input?: string
    entrances?: string[]
  } = {}
): ChildProcess {
  const [program, ...first] = options.shell ?? ['/bin/sh']
  const entrances = options.entrances ?? []
  const words = [
    '-c',
    '. "$0"',
    WRAPPER,
    folder,
    String(options.capBlocks ?? 1000),
    '/',
    options.input ?? '/dev/null',
    String(entrances.length),
    ...entrances,
    ...argv
  ]
  return spawn(program!, [...first, ...words], {
    env: options.env ?? { PATH: process.env.PATH },
    detached: true,
    stdio: 'ignore'
  })
}

/** Waits for the end of an execution by asking for it: also across servers, and never for ever. */
export function endOf(client: Client, id: string, deadlineMs = 25_000): Promise<Execution> {
  return eventually(
    `the end of execution ${id}`,
    async () => {
      const execution = await client.execution(id)
      return hasEnded(execution) ? execution : null
    },
    deadlineMs
  )
}

/** All executions a server knows, newest first. */
export async function allExecutions(client: Client): Promise<Execution[]> {
  const all: Execution[] = []
  let cursor: string | null = null
  do {
    const page: { items: Execution[]; nextCursor: string | null } = (
      await client.get(`/api/executions?limit=200${cursor ? `&cursor=${cursor}` : ''}`)
    ).body
    all.push(...page.items)
    cursor = page.nextCursor
  } while (cursor)
  return all
}

/** All executions, once each of them has ended. */
export function allEnded(client: Client): Promise<Execution[]> {
  return eventually(
    'the end of all',
    async () => {
      const all = await allExecutions(client)
      return all.every(hasEnded) ? all : null
    },
    60_000
  )
}

/** What bots have noted in a journal: `start <execution>` and `end <execution>`, in the order they did. */
export function journal(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch {
    return [] // nobody has written yet
  }
}

export function statLine(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').trimEnd()
}

export function bootIdLine(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trimEnd()
}

/** The line of /proc/<pid>/stat of a process that had the same pid before. */
export function earlier(line: string): string {
  const nameEnd = line.lastIndexOf(')') + 2
  const fields = line.slice(nameEnd).split(' ')
  fields[19] = String(Number(fields[19]) - 1)
  return line.slice(0, nameEnd) + fields.join(' ')
}

/** Pids of the children of a process. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        const line = statLine(pid)
        return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]) === parent
      } catch {
        return false // it has gone meanwhile
      }
    })
}

/** Whether a process with this pid lives; a zombie does not. */
export function lives(pid: number): boolean {
  try {
    const line = statLine(pid)
    return line[line.lastIndexOf(')') + 2] !== 'Z'
  } catch {
    return false
  }
}

/** Makes a process that has ended and that its parent never asks after; both are gone when the test has ended. */
export async function makeZombie(t: Test): Promise<{ pid: number; parent: number; before: string }> {
  const parent = spawn('/bin/sh', ['-c', 'sleep 300 & echo $!; exec sleep 300'], { detached: true })
  t.teardown(() => process.kill(-parent.pid!, 'SIGKILL'))
  const pid = Number(String((await once(parent.stdout, 'data'))[0]))
  // Until then it is a shell, and that does ask.
  await eventually('a parent that does not ask', () => statLine(parent.pid!).includes('(sleep)'))
  const before = statLine(pid)
  process.kill(pid, 'SIGKILL')
  await eventually('a zombie', () => / Z /.test(statLine(pid)))
  return { pid, parent: parent.pid!, before }
}

/** A number generator with a seed that is printed, and that `SEED` gives back. Mulberry32. */
export function seededRandom(t: Test): () => number {
  let state = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  t.comment(`SEED=${state}`)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
