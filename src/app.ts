/** The composition root: the only file that names concrete implementations. Its order is the order things happen in. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import rateLimit from '@fastify/rate-limit'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Bots } from './bots/bots.ts'
import { botRoutes } from './bots/routes.ts'
import { BotStore } from './bots/store.ts'
import type { Config } from './config.ts'
import { lockDataDir } from './db/lock.ts'
import { Migrator } from './db/migrate.ts'
import { describeOpenFailure, isDamage, openDatabase } from './db/open.ts'
import { StartError } from './errors.ts'
import { Heartbeat } from './events/heartbeat.ts'
import { EventHub } from './events/hub.ts'
import { eventRoutes } from './events/routes.ts'
import { Streams } from './events/streams.ts'
import { Executions } from './executions/executions.ts'
import { attemptsFolder } from './executions/launch.ts'
import { executionRoutes } from './executions/routes.ts'
import { ExecutionStore } from './executions/store.ts'
import { databaseProbe, storageProbe } from './health/probes.ts'
import { healthRoutes } from './health/routes.ts'
import { Logs } from './logs/logs.ts'
import { logRoutes } from './logs/routes.ts'
import { auth } from './plugins/auth.ts'
import { loadLimit } from './plugins/load-limit.ts'
import { nestingLimit } from './plugins/nesting-limit.ts'
import { openapi } from './plugins/openapi.ts'
import { answerUnreadable, answerUnroutable, problemDetails } from './plugins/problem-details.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { PUBLIC, staticFiles } from './plugins/static.ts'
import { schemaCompilers } from './schema-compilers.ts'
import { deriveKey, findSecretKey } from './secret-key.ts'
import { authRoutes } from './users/routes.ts'
import { Sessions } from './users/sessions.ts'
import { Setup } from './users/setup.ts'
import { UserStore } from './users/store.ts'

const HOUR_MS = 3_600_000

export interface App {
  http: FastifyInstance
  /** The setup token, while nobody has an account. */
  setupToken: string | null
}

/**
 * Opens the data folder and puts everything together. `http.close()` gives all of it back; bots go on.
 * `publicDir` is where the built dashboard lies.
 * @throws StartError when something the server needs cannot be had.
 */
export async function createApp(config: Config, logger: Logger, publicDir: string = PUBLIC): Promise<App> {
  makeDataDir(config.dataDir)
  const unlock = lockDataDir(config.dataDir)
  const db = openDatabase(config.dataDir)
  const closeDatabase = async () => {
    await db.destroy()
    unlock()
  }
  try {
    return await compose(config, logger, publicDir, db, closeDatabase)
  } catch (error) {
    await closeDatabase()
    throw isDamage(error)
      ? new StartError(describeOpenFailure(join(config.dataDir, 'botyard.db'), error as Error))
      : error
  }
}

async function compose(
  config: Config,
  logger: Logger,
  publicDir: string,
  db: ReturnType<typeof openDatabase>,
  closeDatabase: () => Promise<void>
): Promise<App> {
  const { applied, changed } = await new Migrator(db).up()
  if (applied.length > 0) logger.info({ migrations: applied }, 'the database was brought up to date')
  if (changed.length > 0) logger.warn({ migrations: changed }, 'migrations were changed after they had been applied')
  const secretKey = findSecretKey(config)

  const events = new EventHub()
  const streams = new Streams(config.maxStreams)
  const users = new UserStore(db)
  const sessions = new Sessions(users, streams)
  const setup = new Setup(users, config.dataDir)
  if (config.admin && (await setup.fromSettings(config.admin)))
    logger.info({ email: config.admin.email }, 'made the administrator of the settings')

  const bots = new Bots(new BotStore(db), events)
  const executions = new Executions({
    store: new ExecutionStore(db),
    bots,
    events,
    dataDir: config.dataDir,
    maxConcurrentExecutions: config.maxConcurrentExecutions,
    botEnvironment: config.botEnvironment,
    logger
  })
  const logs = new Logs(executions, attemptsFolder(config.dataDir))
  const heartbeat = new Heartbeat({ streams, load: () => executions.load() })
  const hourly = setInterval(
    () => sessions.sweep().catch(err => logger.error({ err }, 'sessions were not swept')),
    HOUR_MS
  ).unref()

  const https = config.publicUrl?.startsWith('https:') ?? false
  const http = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    trustProxy: config.trustedProxy,
    keepAliveTimeout: config.keepAliveMs,
    handlerTimeout: config.timeoutMs,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerUnroutable,
    schemaController: { compilersFactory: schemaCompilers() },
    routerOptions: { maxParamLength: 200 }
  }).withTypeProvider<TypeBoxTypeProvider>()

  await http.register(problemDetails)
  http.removeContentTypeParser('text/plain')
  await http.register(nestingLimit)
  await http.register(loadLimit, { max: config.workerConnections })
  await http.register(securityHeaders, { https })
  await http.register(auth, { sessions, jwtKey: deriveKey(secretKey, 'access tokens') })
  await http.register(rateLimit, { global: false })
  await http.register(openapi, { publicUrl: config.publicUrl })
  await http.register(staticFiles, { folder: publicDir })

  await http.register(healthRoutes, {
    prefix: '/health',
    probes: { db: databaseProbe(db, logger), storage: storageProbe(attemptsFolder(config.dataDir), logger) }
  })
  await http.register(authRoutes, {
    prefix: '/api/auth',
    setup,
    sessions,
    bots,
    dataDir: config.dataDir,
    secure: https
  })
  await http.register(botRoutes, { prefix: '/api', bots, dataDir: config.dataDir })
  await http.register(executionRoutes, { prefix: '/api', executions, bots })
  await http.register(logRoutes, { prefix: '/api', executions, logs, events, streams })
  await http.register(eventRoutes, { prefix: '/api', events, streams, heartbeat })

  // Streams first: they are requests that would otherwise never end.
  http.addHook('preClose', () => streams.close())
  http.addHook('onClose', async () => {
    executions.stop()
    clearInterval(hourly)
    await closeDatabase()
  })

  const setupToken = await setup.token()
  await executions.recover()
  // What waits is not for a server that turns out to have no port.
  http.addHook('onListen', async () => executions.begin())
  return { http, setupToken }
}

function makeDataDir(dataDir: string): void {
  try {
    makeFolder(attemptsFolder(dataDir))
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
