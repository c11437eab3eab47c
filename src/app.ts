/** The composition root: the only file that names concrete implementations. Its order is the order things happen in. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Artifacts } from './artifacts/artifacts.ts'
import { artifactRoutes } from './artifacts/routes.ts'
import { attemptsFolder } from './attempts/attempt-directory.ts'
import { type BotUser, findBotUser, letBotsBe } from './attempts/bot-user.ts'
import { Launcher } from './attempts/launcher.ts'
import { LateNotes } from './audit/late-notes.ts'
import { auditRoutes } from './audit/routes.ts'
import { AuditStore } from './audit/store.ts'
import { Automation } from './automation/automation.ts'
import { automationRoutes } from './automation/routes.ts'
import { Bots } from './bots/bots.ts'
import { botRoutes } from './bots/routes.ts'
import { BotStore } from './bots/store.ts'
import { Chores } from './chores.ts'
import type { Config } from './config.ts'
import { connectionLimits, READER_IDLE_MS } from './connections.ts'
import { lockDataDir } from './db/lock.ts'
import { Migrator } from './db/migrate.ts'
import { describeOpenFailure, isDamage, openDatabase } from './db/open.ts'
import { StartError } from './errors.ts'
import { Heartbeat } from './events/heartbeat.ts'
import { EventHub } from './events/hub.ts'
import { eventRoutes } from './events/routes.ts'
import { Streams } from './events/streams.ts'
import { Executions } from './executions/executions.ts'
import { executionRoutes } from './executions/routes.ts'
import { ExecutionStore } from './executions/store.ts'
import { usageRoutes } from './executions/usage-routes.ts'
import { Happenings } from './happenings/happenings.ts'
import { HappeningStore } from './happenings/store.ts'
import { databaseProbe, storageProbe } from './health/probes.ts'
import { healthRoutes } from './health/routes.ts'
import { accessKeys } from './keys/access-keys.ts'
import { deriveKey, findSecretKeys } from './keys/secret-key.ts'
import { Logs } from './logs/logs.ts'
import { logRoutes } from './logs/routes.ts'
import { Machine } from './machine/machine.ts'
import { machineRoutes } from './machine/routes.ts'
import { SettingStore } from './machine/store.ts'
import { ChannelStore } from './notifications/channel-store.ts'
import { Channels } from './notifications/channels.ts'
import { HistoryStore } from './notifications/history-store.ts'
import { NoticeStore } from './notifications/notice-store.ts'
import { Notices } from './notifications/notices.ts'
import { Notifier } from './notifications/notifier.ts'
import { Outbox } from './notifications/outbox.ts'
import { notificationRoutes } from './notifications/routes.ts'
import { RuleStore } from './notifications/rule-store.ts'
import { Rules } from './notifications/rules.ts'
import { Sender } from './notifications/sender.ts'
import { Provider } from './oidc/provider.ts'
import { ProviderSignIn } from './oidc/provider-sign-in.ts'
import { identityRoutes, providerRoutes } from './oidc/routes.ts'
import { IdentityStore } from './oidc/store.ts'
import { AllowList } from './outgoing/allow-list.ts'
import { Guard } from './outgoing/guard.ts'
import { Outgoing } from './outgoing/outgoing.ts'
import { auth } from './plugins/auth.ts'
import { crossSite } from './plugins/cross-site.ts'
import { loadLimit } from './plugins/load-limit.ts'
import { nestingLimit } from './plugins/nesting-limit.ts'
import { openapi } from './plugins/openapi.ts'
import { answerUnreadable, answerUnroutable, problemDetails } from './plugins/problem-details.ts'
import { rateLimits } from './plugins/rate-limits.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { senderAddress } from './plugins/sender-address.ts'
import { SessionCookies } from './plugins/session-cookies.ts'
import { slowReaders } from './plugins/slow-readers.ts'
import { PUBLIC, staticFiles } from './plugins/static.ts'
import { AttemptFolders } from './retention/attempt-folders.ts'
import { Removal } from './retention/removal.ts'
import { Settling } from './retention/settling.ts'
import { RetentionStore } from './retention/store.ts'
import { schemaCompilers } from './schema-compilers.ts'
import { secretRoutes } from './secrets/routes.ts'
import { Seal } from './secrets/seal.ts'
import { Secrets } from './secrets/secrets.ts'
import { SecretStore } from './secrets/store.ts'
import { tokenRoutes } from './tokens/routes.ts'
import { TokenStore } from './tokens/store.ts'
import { Tokens } from './tokens/tokens.ts'
import { Calendar } from './triggers/calendar.ts'
import { chainRules } from './triggers/chain.ts'
import { Chains } from './triggers/chains.ts'
import { EntryStore } from './triggers/occurrence-entries.ts'
import { occurrenceRoutes } from './triggers/occurrence-routes.ts'
import { OccurrenceStore } from './triggers/occurrences.ts'
import { triggerRoutes } from './triggers/routes.ts'
import { scheduleRules } from './triggers/schedule-rules.ts'
import { Scheduler } from './triggers/scheduler.ts'
import { TriggerStore } from './triggers/store.ts'
import { Triggers } from './triggers/triggers.ts'
import { accountRoutes } from './users/account-routes.ts'
import { People } from './users/people.ts'
import { peopleRoutes } from './users/people-routes.ts'
import { PrincipalMemo } from './users/principal.ts'
import { authRoutes } from './users/routes.ts'
import { SecondFactor } from './users/second-factor.ts'
import { SecondFactorStore } from './users/second-factor-store.ts'
import { SessionStore } from './users/session-store.ts'
import { ACCESS_TOKEN_SECONDS, Sessions } from './users/sessions.ts'
import { Setup } from './users/setup.ts'
import { UserStore } from './users/store.ts'
import { Deliveries } from './webhooks/deliveries.ts'
import { receiveRoutes } from './webhooks/receive-routes.ts'
import { deliveryRoutes } from './webhooks/routes.ts'
import { DeliveryStore } from './webhooks/store.ts'
import { webhookRules } from './webhooks/webhook-rules.ts'

export interface App {
  http: FastifyInstance
  /** The setup token, while nobody has an account. */
  setupToken: string | null
  /** What it does by itself every hour. */
  chores: Chores
}

/**
 * Opens the data folder and puts everything together. `http.close()` gives all of it back; bots go on.
 * `publicDir` is where the built dashboard lies, `launcher` what starts bots.
 * @throws StartError when something the server needs cannot be had.
 */
export async function createApp(
  config: Config,
  logger: Logger,
  launcher: Launcher = new Launcher(),
  publicDir: string = PUBLIC
): Promise<App> {
  makeDataDir(config.dataDir)
  const botUser = config.botUser === null ? null : await findBotUser(config.botUser)
  const unlock = lockDataDir(config.dataDir)
  const db = openDatabase(config.dataDir)
  const closeDatabase = async () => {
    await db.destroy()
    unlock()
  }
  try {
    if (botUser) await letBotsBe(botUser, config.dataDir, launcher)
    return await compose({ config, logger, publicDir, launcher, botUser, db, closeDatabase })
  } catch (error) {
    launcher.stop()
    await closeDatabase()
    throw isDamage(error)
      ? new StartError(describeOpenFailure(join(config.dataDir, 'botyard.db'), error as Error))
      : error
  }
}

/** What stands before anything is put together. */
interface Ground {
  config: Config
  logger: Logger
  publicDir: string
  launcher: Launcher
  botUser: BotUser | null
  db: ReturnType<typeof openDatabase>
  closeDatabase: () => Promise<void>
}

async function compose({ config, logger, publicDir, launcher, botUser, db, closeDatabase }: Ground): Promise<App> {
  const { applied, changed } = await new Migrator(db).up()
  if (applied.length > 0) logger.info({ migrations: applied }, 'the database was brought up to date')
  if (changed.length > 0) logger.warn({ migrations: changed }, 'migrations were changed after they had been applied')

  const events = new EventHub()
  const streams = new Streams(config.maxStreams)
  const settings = new SettingStore(db)
  const audit = new AuditStore(db)
  const notes = new LateNotes(audit, logger)
  const keys = findSecretKeys(config)
  const seal = new Seal(
    deriveKey(keys.current, 'sealed values'),
    keys.previous === null ? null : deriveKey(keys.previous, 'sealed values')
  )

  const users = new UserStore(db, config.provider?.issuer ?? null)
  const memo = new PrincipalMemo()
  const secondFactor = new SecondFactor(new SecondFactorStore(db), seal)
  const sessions = new Sessions({ store: new SessionStore(db), users, secondFactor, notes, streams, memo })
  const people = new People({ store: users, sessions, secondFactor, audit, streams, memo })
  const signIn = new ProviderSignIn({
    identities: new IdentityStore(db, config.provider?.issuer ?? null),
    users,
    newUsers: config.provider?.newUsers ?? null,
    sessions,
    people,
    audit,
    logger
  })
  const provider = config.provider && {
    name: config.provider.name,
    provider: new Provider(config.provider, config.publicUrl!, logger)
  }
  const setup = new Setup(users, config.dataDir)
  if (config.admin && (await setup.fromSettings(config.admin)))
    logger.info({ email: config.admin.email }, 'made the administrator of the settings')

  const secrets = new Secrets({ store: new SecretStore(db), seal, events, logger })
  if (keys.previous !== null) {
    await secrets.renew()
    await secondFactor.renew()
  }
  await secrets.reportUnusable()
  const bots = new Bots(new BotStore(db), events, secrets)
  const tokens = new Tokens({ store: new TokenStore(db), memo, streams, bots, logger })
  const machine = new Machine({
    settings,
    events,
    logger,
    dataDir: config.dataDir,
    minFreeBytes: config.minFreeBytes
  })
  await machine.load()
  const automation = new Automation({ settings, events, logger })
  await automation.load()
  const happenings = new Happenings(new HappeningStore(db), logger)
  const executionStore = new ExecutionStore(db)
  const executions = new Executions({
    store: executionStore,
    bots,
    secrets,
    seal,
    events,
    dataDir: config.dataDir,
    machine,
    maxConcurrentExecutions: config.maxConcurrentExecutions,
    maxQueuedExecutions: config.maxQueuedExecutions,
    botEnvironment: config.botEnvironment,
    botUser,
    launcher,
    happenings,
    logger
  })
  const triggerStore = new TriggerStore(db)
  const triggers = new Triggers({
    store: triggerStore,
    bots,
    secrets,
    events,
    rules: { schedule: scheduleRules, webhook: webhookRules, chain: chainRules }
  })
  happenings.add(new Chains({ store: triggerStore, executions, automation, logger }))
  const occurrences = new OccurrenceStore(db)
  const scheduler = new Scheduler({
    store: occurrences,
    executions,
    automation,
    onSlots: id => triggers.announce(id),
    onNoted: () => happenings.wake(),
    logger
  })
  triggers.onChange(id => scheduler.changed(id))
  bots.onSwitch(id => scheduler.botChanged(id))
  const deliveries = new Deliveries({
    store: new DeliveryStore(db),
    triggers,
    executions,
    automation,
    secrets,
    events,
    logger
  })
  const logs = new Logs(executions, attemptsFolder(config.dataDir), seal)
  const sender = new Sender(outgoingTo(config.outgoingAllow), outgoingTo(mailHosts(config)), config.mail)
  const channels = new Channels({
    store: new ChannelStore(db),
    secrets,
    sender,
    events,
    publicUrl: config.publicUrl
  })
  const ruleStore = new RuleStore(db)
  const rules = new Rules({ store: ruleStore, bots, events })
  const noticeStore = new NoticeStore(db)
  const outbox = new Outbox({ store: noticeStore, channels, events, logger })
  const notices = new Notices(noticeStore, outbox)
  const notifier = new Notifier({
    rules: ruleStore,
    notices: noticeStore,
    history: new HistoryStore(db),
    executions,
    triggers,
    logs,
    outbox,
    publicUrl: config.publicUrl,
    logger
  })
  happenings.add(notifier)
  const artifacts = new Artifacts(executions, attemptsFolder(config.dataDir))
  const heartbeat = new Heartbeat({ streams, load: () => executions.load() })
  const kept = {
    store: new RetentionStore(db),
    folders: new AttemptFolders(attemptsFolder(config.dataDir), launcher),
    logger
  }
  const settling = new Settling({ ...kept, logs, minFreeBytes: config.minFreeBytes })
  const isLive = (executionId: string) => executions.liveLog(executionId) !== null
  const removal = new Removal({ ...kept, settling, keep: config.keep, isLive })
  const chores = new Chores(
    [
      { name: 'sessions', run: () => sessions.sweep() },
      { name: 'deliveries', run: (now, signal) => deliveries.removeOld(now, signal) },
      { name: 'idempotency keys', run: now => executionStore.forgetKeys(now) },
      { name: 'notices', run: (now, signal) => notices.sweep(now, signal) },
      { name: 'slots of schedules', run: (now, signal) => occurrences.removeOld(now, signal) },
      { name: 'retention', run: (now, signal) => removal.removeOldest(now, signal) },
      { name: 'compression', run: (now, signal) => settling.settle(now, signal) },
      { name: 'orphans', run: (now, signal) => removal.removeOrphans(now, signal) }
    ],
    logger
  )

  const { publicUrl, corsOrigins, requestsPerSecond } = config
  const cookies = new SessionCookies(publicUrl?.startsWith('https:') ?? false)
  const http = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    trustProxy: config.trustedProxy,
    ...connectionLimits,
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
  await http.register(senderAddress)
  await http.register(securityHeaders, { publicUrl })
  await http.register(crossSite, { publicUrl, corsOrigins })
  await http.register(rateLimits, { requestsPerSecond })
  await http.register(auth, {
    sessions,
    tokens,
    botOf: {
      bot: ref => bots.idOf(ref),
      execution: id => executions.botOf(id),
      trigger: async id => (await triggers.find(id))?.botId ?? null
    },
    jwtKeys: await accessKeys(keys, settings, ACCESS_TOKEN_SECONDS * 1000),
    cookies
  })
  await http.register(loadLimit, { max: config.workerConnections })
  await http.register(nestingLimit)
  await http.register(slowReaders, { idleMs: READER_IDLE_MS })
  await http.register(openapi, { publicUrl })
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
    cookies
  })
  await http.register(accountRoutes, { prefix: '/api/auth', people, sessions, secondFactor, memo })
  await http.register(providerRoutes, { prefix: '/api/auth', provider, signIn, people, seal, cookies })
  await http.register(identityRoutes, { prefix: '/admin', signIn })
  await http.register(tokenRoutes, { prefix: '/api', tokens, people })
  await http.register(peopleRoutes, { prefix: '/admin', people, sessions, publicUrl })
  await http.register(auditRoutes, { prefix: '/admin', audit })
  await http.register(botRoutes, { prefix: '/api', bots, dataDir: config.dataDir })
  await http.register(executionRoutes, { prefix: '/api', executions, bots })
  await http.register(usageRoutes, { prefix: '/api', executions, attemptsFolder: attemptsFolder(config.dataDir) })
  await http.register(triggerRoutes, { prefix: '/api', triggers, bots })
  await http.register(occurrenceRoutes, { prefix: '/api', calendar: new Calendar(new EntryStore(db)), triggers })
  await http.register(receiveRoutes, { prefix: '/api', deliveries })
  await http.register(deliveryRoutes, { prefix: '/api', deliveries })
  await http.register(automationRoutes, { prefix: '/api', automation })
  await http.register(notificationRoutes, { prefix: '/api', channels, rules, notices })
  await http.register(secretRoutes, { prefix: '/api', secrets })
  await http.register(machineRoutes, {
    prefix: '/api',
    machine,
    facts: {
      load: () => executions.load(),
      maxConcurrentExecutions: config.maxConcurrentExecutions,
      maxQueuedExecutions: config.maxQueuedExecutions,
      limits: executions.limits,
      botUser: botUser?.name ?? null,
      publicUrl
    }
  })
  await http.register(logRoutes, { prefix: '/api', executions, logs, events, streams })
  await http.register(artifactRoutes, { prefix: '/api', executions, artifacts })
  await http.register(eventRoutes, {
    prefix: '/api',
    events,
    streams,
    heartbeat,
    botOfExecution: id => executions.botOf(id)
  })

  http.addHook('preClose', () => {
    // Idle connections are closed, once. One that is answered on after that is not to be kept, or the server would be with it.
    http.server.keepAliveTimeout = 1
    // Streams first: they are requests that would otherwise never end.
    return streams.close()
  })
  http.addHook('onClose', async () => {
    await scheduler.stop()
    executions.stop()
    await happenings.stop()
    await deliveries.stop()
    await notifier.stop()
    await outbox.stop()
    await sender.close()
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
    chores.begin()
  })
  return { http, setupToken, chores }
}

function outgoingTo(allowed: string[]): Outgoing {
  return new Outgoing(new Guard(new AllowList(allowed)))
}

/** Whoever runs the server has named its mail server by setting it. */
function mailHosts({ mail }: Config): string[] {
  return mail ? [mail.server.host] : []
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
