/** The server as a whole: opens the data folder, puts everything together, and says in which order it begins and ends. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { attemptsFolder } from './attempts/attempt-directory.ts'
import { findBotUser, letBotsBe } from './attempts/bot-user.ts'
import { Launcher } from './attempts/launcher.ts'
import type { Chores } from './chores.ts'
import type { Config } from './config/config.ts'
import { lockDataDir } from './db/lock.ts'
import { Migrator } from './db/migrate.ts'
import { describeOpenFailure, isDamage, openDatabase } from './db/open.ts'
import { makeHttp } from './http.ts'
import { StartError } from './lib/errors.ts'
import { type Ground, makeParts } from './parts.ts'
import { PUBLIC } from './plugins/static.ts'
import type { Reports } from './process/sentry.ts'

export interface App {
  http: FastifyInstance
  /** The setup token, while nobody has an account. */
  setupToken: string | null
  /** What it does by itself every hour. */
  chores: Chores
  /**
   * Starts nothing new and waits until nothing runs any more; what has not ended after `limitMs` is ended. Everybody is
   * served meanwhile. For before `http.close()`, where what runs would not outlive the server.
   */
  drain: (limitMs: number) => Promise<void>
}

/**
 * Opens the data folder and puts everything together. `http.close()` gives all of it back; bots go on.
 * `publicDir` is where the built dashboard lies, `launcher` what starts bots,
 * `reports` whom to tell of errors besides the log.
 * @throws StartError when something the server needs cannot be had.
 */
export async function createApp(
  config: Config,
  logger: Logger,
  launcher: Launcher = new Launcher(),
  publicDir: string = PUBLIC,
  reports: Reports | null = null
): Promise<App> {
  const attemptsAreGone = makeDataDir(config.dataDir)
  const botUser = config.botUser === null ? null : await findBotUser(config.botUser)
  const unlock = lockDataDir(config.dataDir)
  const db = openDatabase(config.dataDir)
  const closeDatabase = async () => {
    await db.destroy()
    unlock()
  }
  try {
    if (botUser) await letBotsBe(botUser, config.dataDir, launcher)
    return await compose({ config, logger, launcher, botUser, db, attemptsAreGone, reports }, publicDir, closeDatabase)
  } catch (error) {
    launcher.stop()
    await closeDatabase()
    throw isDamage(error)
      ? new StartError(describeOpenFailure(join(config.dataDir, 'botyard.db'), error as Error))
      : error
  }
}

async function compose(ground: Ground, publicDir: string, closeDatabase: () => Promise<void>): Promise<App> {
  const { logger, db } = ground
  const { applied, changed } = await new Migrator(db).up()
  if (applied.length > 0) logger.info({ migrations: applied }, 'the database was brought up to date')
  if (changed.length > 0) logger.warn({ migrations: changed }, 'migrations were changed after they had been applied')

  const parts = await makeParts(ground)
  ground.reports?.watch(parts.events)
  const {
    streams,
    notes,
    setup,
    machine,
    backups,
    happenings,
    executions,
    scheduler,
    deliveries,
    sender,
    outbox,
    notifier,
    life,
    storage,
    storageProbe,
    uploads,
    chores
  } = parts
  const http = await makeHttp(ground, parts, publicDir)
  http.addHook('preClose', async () => {
    life.stop()
    // Idle connections are closed, once. One that is answered on after that is not to be kept, or the server would be with it.
    http.server.keepAliveTimeout = 1
    // Whoever is answered yet may take his time: what waits is for the next server.
    executions.startNoMore()
    // Streams first: they are requests that would otherwise never end.
    await Promise.all([streams.close(), backups.stop()])
  })
  http.addHook('onClose', async () => {
    await scheduler.stop()
    executions.stop()
    await happenings.stop()
    await deliveries.stop()
    await notifier.stop()
    await outbox.stop()
    await sender.close()
    await uploads?.stop()
    await storage?.close()
    machine.stop()
    await chores.stop()
    await notes.flush()
    await closeDatabase()
  })

  const setupToken = await setup.token()
  await executions.recover()
  // What waits is not for a server that turns out to have no port.
  http.addHook('onListen', async () => {
    executions.begin()
    happenings.wake()
    scheduler.begin()
    deliveries.resume()
    notifier.begin()
    outbox.wake()
    uploads?.wake()
    // Says in the log what is wrong with it: better now than when the first bot has ended.
    void storageProbe.state()
    chores.begin()
    backups.begin()
    life.begin()
  })
  const drain = async (limitMs: number) => {
    life.stop()
    machine.announceStop(Date.now() + limitMs)
    // Whatever is wrong then, the server still closes in order.
    await executions.drain(limitMs).catch(err => logger.error({ err }, 'what runs could not be waited for'))
  }
  return { http, setupToken, chores, drain }
}

/** @returns whether there was no folder of attempts, and so nothing that any before has left. */
function makeDataDir(dataDir: string): boolean {
  const folder = attemptsFolder(dataDir)
  const isMissing = !existsSync(folder)
  try {
    makeFolder(folder)
    return isMissing
  } catch (error) {
    throw new StartError(
      `The data folder ${dataDir} cannot be used: ${(error as Error).message}. Make it writable for this user, or set DATA_DIR to another.`
    )
  }
}

/** Step by step: mkdir's own `recursive` never comes back where a parent cannot have children, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}
