import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import type { Test } from 'tap'
import settings from '../../gunicorn-equivalent.config.ts'
import { type App, createApp } from '../../src/app.ts'
import { AttemptGroups } from '../../src/cgroups/attempt-groups.ts'
import { type Config, readConfig } from '../../src/config/config.ts'
import { Client } from './client.ts'
import { testFolder } from './folder.ts'
import { processesOf } from './processes.ts'
import { eventually } from './wait.ts'

/** Tests ask faster than anybody may, unless that is what they are about. */
export const REQUESTS_PER_SECOND = '1000000'

/** A real app in this process, listening, with its administrator signed in. */
export class TestApp extends Client {
  readonly app: App
  readonly config: Config

  constructor(app: App, config: Config, url: string) {
    super(url)
    this.app = app
    this.config = config
  }

  attemptFolder(name: string): string {
    return join(this.config.dataDir, 'attempts', name)
  }
}

/**
 * An app on a fresh data folder, or on the one given. It is closed when the test ends, and the test fails when it leaves
 * a process behind: end what you start, or let it end.
 */
export async function buildApp(
  t: Test,
  options: { dataDir?: string; config?: Partial<Config>; setUp?: boolean; publicDir?: string; logger?: Logger } = {}
): Promise<TestApp> {
  const dataDir = options.dataDir ?? testFolder(t)
  const config: Config = {
    ...readConfig({ DATA_DIR: dataDir, PATH: process.env.PATH, REQUESTS_PER_SECOND }, settings),
    host: '127.0.0.1',
    port: 0,
    // Nor is it sent away while its own process, which does what the test does as well, is late.
    maxEventLoopDelayMs: 60_000,
    ...options.config
  }
  const logger = options.logger ?? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
  const app = await createApp(config, logger, undefined, options.publicDir)
  t.teardown(async () => {
    await app.http.close()
    await noProcessesLeft(t, dataDir)
  })
  await app.http.listen({ host: config.host, port: config.port })
  const { port } = app.http.server.address() as { port: number }
  const client = new TestApp(app, config, `http://127.0.0.1:${port}`)
  if (options.setUp !== false) {
    const token = app.setupToken
    await (token ? client.setUp(token) : client.signIn())
  }
  return client
}

/**
 * Waits a little for bots that are just ending, ends what is left, and fails the test for it. Then removes the control
 * groups that a killed server has left.
 */
export async function noProcessesLeft(t: Test, dataDir: string): Promise<void> {
  await eventually('the end of all processes', () => processesOf(dataDir).length === 0, 5000).catch(() => {
    const left = processesOf(dataDir)
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // gone by now
      }
    }
    t.fail('the test left processes behind', { left })
  })
  const groups = new AttemptGroups(dataDir)
  groups.removeAllBut(new Set())
  groups.close()
}

export function readSetupToken(dataDir: string): string {
  return readFileSync(join(dataDir, 'setup-token'), 'utf8').trim()
}
