/**
 * The composition root: what the server is made of, each part once and in the order in which they need each other. Only here are
 * concrete implementations named.
 */
import type { Logger } from 'pino'
import { Artifacts } from './artifacts/artifacts.ts'
import { ArtifactLinks } from './artifacts/links.ts'
import { StoredArtifacts } from './artifacts/stored.ts'
import { UploadStore } from './artifacts/upload-store.ts'
import { Uploads } from './artifacts/uploads.ts'
import { attemptsFolder } from './attempts/attempt-directory.ts'
import type { BotUser } from './attempts/bot-user.ts'
import type { Launcher } from './attempts/launcher.ts'
import { LateNotes } from './audit/late-notes.ts'
import { AuditStore } from './audit/store.ts'
import { Automation } from './automation/automation.ts'
import { Backups } from './backup/backups.ts'
import { Bots } from './bots/bots.ts'
import { BotStore } from './bots/store.ts'
import { Chores } from './chores.ts'
import type { Config } from './config/config.ts'
import { BACKUP_LOCK, isLocked } from './db/lock.ts'
import type { openDatabase } from './db/open.ts'
import { Heartbeat } from './events/heartbeat.ts'
import { EventHub } from './events/hub.ts'
import { Streams } from './events/streams.ts'
import { Executions } from './executions/executions.ts'
import { ExecutionHistoryStore } from './executions/history-store.ts'
import { ExecutionStore } from './executions/store.ts'
import { Happenings } from './happenings/happenings.ts'
import { HappeningStore } from './happenings/store.ts'
import { Life } from './health/life.ts'
import { deriveKey, findSecretKeys } from './keys/secret-key.ts'
import { Logs } from './logs/logs.ts'
import { Machine } from './machine/machine.ts'
import { SettingStore } from './machine/store.ts'
import { Measures } from './metrics/measures.ts'
import { ChannelStore } from './notifications/channel-store.ts'
import { Channels } from './notifications/channels.ts'
import { HistoryStore } from './notifications/history-store.ts'
import { NoticeStore } from './notifications/notice-store.ts'
import { Notices } from './notifications/notices.ts'
import { Notifier } from './notifications/notifier.ts'
import { Outbox } from './notifications/outbox.ts'
import { RuleStore } from './notifications/rule-store.ts'
import { Rules } from './notifications/rules.ts'
import { Sender } from './notifications/sender.ts'
import { Provider } from './oidc/provider.ts'
import { ProviderSignIn } from './oidc/provider-sign-in.ts'
import { IdentityStore } from './oidc/store.ts'
import { AllowList } from './outgoing/allow-list.ts'
import { Guard } from './outgoing/guard.ts'
import { Outgoing } from './outgoing/outgoing.ts'
import type { Reports } from './process/sentry.ts'
import { AttemptFolders } from './retention/attempt-folders.ts'
import { Removal } from './retention/removal.ts'
import { Settling } from './retention/settling.ts'
import { RetentionStore } from './retention/store.ts'
import { Seal } from './secrets/seal.ts'
import { Secrets } from './secrets/secrets.ts'
import { SecretStore } from './secrets/store.ts'
import { StorageProbe } from './storage/probe.ts'
import { Storage } from './storage/storage.ts'
import { TokenStore } from './tokens/store.ts'
import { Tokens } from './tokens/tokens.ts'
import { Calendar } from './triggers/calendar.ts'
import { chainRules } from './triggers/chain.ts'
import { Chains } from './triggers/chains.ts'
import { EntryStore } from './triggers/occurrence-entries.ts'
import { OccurrenceStore } from './triggers/occurrences.ts'
import { scheduleRules } from './triggers/schedule-rules.ts'
import { Scheduler } from './triggers/scheduler.ts'
import { TriggerStore } from './triggers/store.ts'
import { Triggers } from './triggers/triggers.ts'
import { People } from './users/people.ts'
import { PrincipalMemo } from './users/principal.ts'
import { SecondFactor } from './users/second-factor.ts'
import { SecondFactorStore } from './users/second-factor-store.ts'
import { SessionStore } from './users/session-store.ts'
import { Sessions } from './users/sessions.ts'
import { Setup } from './users/setup.ts'
import { UserStore } from './users/store.ts'
import { Deliveries } from './webhooks/deliveries.ts'
import { DeliveryStore } from './webhooks/store.ts'
import { webhookRules } from './webhooks/webhook-rules.ts'

/** What stands before any of them. */
export interface Ground {
  config: Config
  logger: Logger
  launcher: Launcher
  botUser: BotUser | null
  db: ReturnType<typeof openDatabase>
  /** The folder of attempts was not there: nothing says how those went that ran. */
  attemptsAreGone: boolean
  /** Whom to tell of errors besides the log; null: nobody. */
  reports: Reports | null
}

export type Parts = Awaited<ReturnType<typeof makeParts>>

/** @throws StartError when a key that is kept cannot be read. */
export async function makeParts({ config, logger, launcher, botUser, db, attemptsAreGone }: Ground) {
  const events = new EventHub()
  const streams = new Streams({ max: config.maxStreams, maxPerAccount: config.maxStreamsPerAccount })
  const measures = new Measures(events)
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
  const isHeld = () => machine.state().restoredFrom !== null
  const backups = new Backups({ config, settings, isHeld, onChange: () => machine.announce(), logger })
  await backups.load()
  const automation = new Automation({ settings, events, logger })
  await automation.load()
  const happenings = new Happenings(new HappeningStore(db), logger)
  const executionStore = new ExecutionStore(db, { uploads: config.storage !== null })
  const executions = new Executions({
    store: executionStore,
    history: new ExecutionHistoryStore(db),
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
    attemptsAreGone,
    launcher,
    happenings,
    onPublished: measures.published,
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
  const calendar = new Calendar(new EntryStore(db))
  const scheduler = new Scheduler({
    store: occurrences,
    executions,
    automation,
    onSlots: id => triggers.announce(id),
    onStarted: measures.slotStarted,
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
    machine,
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
  const storage = config.storage && new Storage(config.storage)
  const storageProbe = new StorageProbe(storage, logger)
  const uploadStore = new UploadStore(db)
  const artifacts = new Artifacts(
    executions,
    attemptsFolder(config.dataDir),
    new StoredArtifacts(uploadStore, storage, logger)
  )
  const links = new ArtifactLinks(deriveKey(keys.current, 'links to artifacts'))
  const heartbeat = new Heartbeat({ streams, load: () => executions.load() })
  const kept = {
    store: new RetentionStore(db),
    folders: new AttemptFolders(attemptsFolder(config.dataDir), launcher),
    logger
  }
  const settling = new Settling({ ...kept, logs, minFreeBytes: config.minFreeBytes })
  const uploads =
    storage &&
    new Uploads({
      store: uploadStore,
      storage,
      attemptsFolder: attemptsFolder(config.dataDir),
      isHeld,
      isBackedUp: () => isLocked(config.dataDir, BACKUP_LOCK),
      onShrunk: id => settling.forget(id),
      logger
    })
  executions.onAttemptEnd(() => uploads?.wake())
  // A restored server may have been told that it is the one that goes on.
  if (uploads) events.subscribe(['machine'], () => uploads.wake())
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
      { name: 'objects of artifacts', run: async () => uploads?.wake() },
      { name: 'compression', run: (now, signal) => settling.settle(now, signal) },
      { name: 'orphans', run: (now, signal) => removal.removeOrphans(now, signal) }
    ],
    logger
  )

  return {
    events,
    streams,
    measures,
    settings,
    audit,
    notes,
    keys,
    seal,
    memo,
    secondFactor,
    sessions,
    people,
    signIn,
    provider,
    setup,
    secrets,
    bots,
    tokens,
    machine,
    backups,
    automation,
    happenings,
    executions,
    triggers,
    scheduler,
    calendar,
    deliveries,
    logs,
    sender,
    channels,
    rules,
    outbox,
    noticeStore,
    notices,
    notifier,
    artifacts,
    links,
    storage,
    storageProbe,
    uploads,
    heartbeat,
    life: new Life(),
    chores
  }
}

function outgoingTo(allowed: string[]): Outgoing {
  return new Outgoing(new Guard(new AllowList(allowed)))
}

/** Whoever runs the server has named its mail server by setting it. */
function mailHosts({ mail }: Config): string[] {
  return mail ? [mail.server.host] : []
}
