import { tmpdir } from 'node:os'
import { resolve, sep } from 'node:path'
import { backupCronProblem } from '../backup/cron.ts'
import { readBackupUrl } from '../backup/url.ts'
import { StartError } from '../lib/errors.ts'
import { type MailSettings, readMail } from '../notifications/smtp-url.ts'
import { type ProviderSettings, readProvider } from '../oidc/settings.ts'
import type { SentrySettings } from '../process/sentry.ts'
import type { KeepLimits } from '../retention/retention.ts'
import { readStorageUrl, type StorageUrl } from '../storage/storage-url.ts'
import { botEnvironment, storageEnvironment } from './environments.ts'
import { readList } from './lists.ts'
import { type ProcessSettings, processProblems, readBind } from './process-settings.ts'
import { type Environment, readVariables } from './variables.ts'

/** Where backups go and when; nowhere while `url` is null. */
export interface BackupSettings {
  url: string | null
  /** Five fields, in the server's time zone. */
  cron: string
  keep: number
  passphrase: string | null
}

/** What is in force, in the units the code works in. */
export interface Config {
  production: boolean
  host: string
  port: number
  /** Absolute. */
  dataDir: string
  /** As set in the environment; `secret-key.ts` finds the one to use. */
  secretKey: string | null
  previousSecretKey: string | null
  /** Without a slash at the end; null when nobody said. */
  publicUrl: string | null
  trustedProxy: string[]
  /** Other origins whose pages may use the API. */
  corsOrigins: string[]
  requestsPerSecond: number
  admin: { email: string; password: string } | null
  /** With whom people can sign in; `publicUrl` is set then. */
  provider: ProviderSettings | null
  /** The mail server of its owner; null when he has named none. */
  mail: MailSettings | null
  /** Where requests to addresses that users name may go, besides the internet. */
  outgoingAllow: string[]
  /** The name of the user that bots run as; null for the server's own. */
  botUser: string | null
  maxConcurrentExecutions: number
  maxQueuedExecutions: number
  /** How long a stop waits for what runs, before it ends that; null when bots outlive the server. */
  drainMs: number | null
  minFreeBytes: number
  keep: KeepLimits
  /** Where errors are reported; null: nowhere. */
  sentry: SentrySettings | null
  /** The bucket for artifacts; null when they stay on the disk. */
  storage: StorageUrl | null
  backup: BackupSettings
  logLevel: string
  workerConnections: number
  maxStreams: number
  maxStreamsPerAccount: number
  maxEventLoopDelayMs: number
  timeoutMs: number
  keepAliveMs: number
  gracefulTimeoutMs: number
  /** The environment every bot starts from; nothing else of the server's own reaches it. */
  botEnvironment: Record<string, string>
  /** The environment of processes that reach buckets: with it their libraries find keys, and the way. */
  storageEnvironment: Record<string, string>
}

/**
 * Reads the settings out of `env` and `settings`.
 * @throws StartError that lists everything that is wrong, not just the first.
 */
export function readConfig(env: NodeJS.ProcessEnv, settings: ProcessSettings): Config {
  const { values, problems } = readVariables(env)
  const production = values.NODE_ENV === 'production'
  const dataDir = resolve(String(values.DATA_DIR))
  if (production) problems.push(...productionProblems(values, env.DATA_DIR ? dataDir : null))
  if (Boolean(values.ADMIN_EMAIL) !== Boolean(values.ADMIN_PASSWORD))
    problems.push('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither')

  const { provider, problems: providerProblems } = readProvider(values)
  problems.push(...providerProblems)
  const trustedProxy = readList(values, 'TRUSTED_PROXY', problems)
  const corsOrigins = readList(values, 'CORS_ORIGINS', problems)
  const { mail, problem: mailProblem } = readMail(values.SMTP_URL, values.SMTP_FROM)
  if (mailProblem) problems.push(mailProblem)
  const outgoingAllow = readList(values, 'OUTGOING_ALLOW', problems)
  const storage = values.STORAGE_URL ? readStorageUrl(values.STORAGE_URL) : null
  if (storage && 'problem' in storage) problems.push(wrongPlace('STORAGE_URL', values.STORAGE_URL!, storage.problem))
  const backupUrl = values.BACKUP_URL ? readBackupUrl(values.BACKUP_URL) : null
  if (backupUrl && 'problem' in backupUrl)
    problems.push(wrongPlace('BACKUP_URL', values.BACKUP_URL!, backupUrl.problem))
  const cronProblem = backupCronProblem(values.BACKUP_CRON)
  if (cronProblem) problems.push(`BACKUP_CRON is "${values.BACKUP_CRON}": ${cronProblem}`)
  problems.push(...processProblems(settings))
  if (problems.length > 0)
    throw new StartError(`The settings are not usable:\n${problems.map(p => `  - ${p}`).join('\n')}`)

  const bind = readBind(settings)!
  return {
    production,
    host: values.HOST ?? bind.host,
    port: values.PORT ?? bind.port,
    dataDir,
    secretKey: values.SECRET_KEY ?? null,
    previousSecretKey: values.SECRET_KEY_PREVIOUS ?? null,
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    trustedProxy,
    corsOrigins,
    requestsPerSecond: values.REQUESTS_PER_SECOND,
    admin:
      values.ADMIN_EMAIL && values.ADMIN_PASSWORD
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : null,
    provider,
    mail,
    outgoingAllow,
    botUser: values.BOT_USER ?? null,
    maxConcurrentExecutions: values.MAX_CONCURRENT_EXECUTIONS,
    maxQueuedExecutions: values.MAX_QUEUED_EXECUTIONS,
    drainMs: values.DRAIN_SECONDS === undefined ? null : values.DRAIN_SECONDS * 1000,
    minFreeBytes: values.MIN_FREE_BYTES,
    keep: { days: values.KEEP_DAYS, executions: values.KEEP_EXECUTIONS, bytes: values.KEEP_BYTES },
    sentry: values.SENTRY_DSN
      ? { dsn: values.SENTRY_DSN, environment: values.NODE_ENV, failedBots: values.SENTRY_FAILED_BOTS }
      : null,
    storage: storage as StorageUrl | null,
    backup: {
      url: values.BACKUP_URL ?? null,
      cron: values.BACKUP_CRON,
      keep: values.BACKUP_KEEP,
      passphrase: values.BACKUP_PASSPHRASE ?? null
    },
    logLevel: values.LOG_LEVEL,
    workerConnections: settings.workerConnections,
    maxStreams: settings.maxStreams,
    maxStreamsPerAccount: settings.maxStreamsPerAccount,
    maxEventLoopDelayMs: settings.maxEventLoopDelay * 1000,
    timeoutMs: settings.timeout * 1000,
    keepAliveMs: settings.keepAlive * 1000,
    gracefulTimeoutMs: settings.gracefulTimeout * 1000,
    botEnvironment: botEnvironment(env),
    storageEnvironment: storageEnvironment(env)
  }
}

/** What production cannot do without. `dataDir` is null when nobody named it. */
function productionProblems(values: Environment, dataDir: string | null): string[] {
  const problems: string[] = []
  if (!values.PUBLIC_URL)
    problems.push('PUBLIC_URL is missing: production needs the address people use, such as https://bots.example.com')
  if (dataDir === null)
    problems.push('DATA_DIR is missing: production needs a folder that lasts, such as /var/lib/botyard')
  else if (dataDir === tmpdir() || dataDir.startsWith(tmpdir() + sep))
    problems.push(`DATA_DIR is ${dataDir}: a temporary folder does not outlast a reboot`)
  return problems
}

/** What is wrong with the address of a bucket or folder. It is not repeated where there may be a key in it. */
function wrongPlace(name: string, value: string, problem: string): string {
  return /[@?]/.test(value) ? `${name}: ${problem}` : `${name} is "${value}": ${problem}`
}
