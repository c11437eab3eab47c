import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { AttemptDirectory, attemptsFolder } from '../../src/attempts/attempt-directory.ts'
import type { CreateBot } from '../../src/bots/bot.ts'
import { endOf } from './attempts.ts'
import { startLentServer, startServer, type TestServer } from './server.ts'

/** Only root can start anything as somebody else. */
export const needsRoot = {
  skip: process.getuid?.() === 0 || process.env.CI === 'true' ? false : 'only root can run bots as another user'
}

/** Users that every Debian has, none of whom does anything. */
export const BOT_USER = 'games'
export const OTHER_BOT_USER = 'news'
export const [BOT_UID, BOT_GID] = idsOf(BOT_USER)
export const [SERVER_UID] = idsOf('daemon')

/** How a server comes by its right to become BOT_USER. */
export const SERVERS = ['root', 'lent'] as const

/** A data folder that other users can come to, as no folder of the tests is for them. */
export function reachableFolder(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'botyard-test-'))
  // First of all teardowns, so that it goes last.
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  execFileSync('chmod', ['755', dir])
  mkdirSync(join(dir, 'data'))
  return join(dir, 'data')
}

/** A server whose bots run as BOT_USER: as root, or as a user of its own to whom the rights for that are lent. */
export async function startWithBotUser(
  t: Test,
  server: (typeof SERVERS)[number],
  dataDir = reachableFolder(t),
  env: Record<string, string> = {}
): Promise<TestServer> {
  if (server === 'root') return startServer(t, dataDir, { BOT_USER, ...env })
  chownSync(dataDir, SERVER_UID, SERVER_UID)
  return startLentServer(t, dataDir, { user: SERVER_UID, botUser: BOT_USER, botGroup: BOT_GID }, env)
}

/** The shell that was given to a server, by the pipe between them. */
export function launcherOf(server: TestServer): number {
  const pipe = readlinkSync(`/proc/${server.process.pid}/fd/3`)
  const reads = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/0`) === pipe
    } catch {
      return false // it has gone meanwhile
    }
  }
  return Number(readdirSync('/proc').find(name => /^\d+$/.test(name) && reads(name)))
}

/** Runs a script to its end, and answers what it printed. */
export async function runScript(server: TestServer, script: string, more: Partial<CreateBot> = {}) {
  const execution = await endOf(server, (await server.start(await server.makeBot(['/bin/sh', '-c', script], more))).id)
  return { execution, log: (await server.downloadLog(execution.id)).toString() }
}

/** Starts a script, and waits until it says `ready`. */
export async function runningScript(server: TestServer, script: string, more: Partial<CreateBot> = {}) {
  const { id } = await server.start(await server.makeBot(['/bin/sh', '-c', script], more))
  await server.printed(id, 'ready')
  return { id, pid: (await server.execution(id)).attempts[0]!.pid! }
}

/** The folder of the latest attempt. */
export function latestAttempt(dataDir: string): AttemptDirectory {
  const id = readdirSync(attemptsFolder(dataDir)).sort().at(-1)!
  return new AttemptDirectory(attemptsFolder(dataDir), id)
}

/** A field of /proc/<pid>/status. */
export function statusOf(pid: number, field: string): string {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!.trim()
}

function idsOf(user: string): [number, number] {
  const [, , uid, gid] = spawnSync('getent', ['passwd', user], { encoding: 'utf8' }).stdout.split(':')
  return [Number(uid), Number(gid)]
}
