import { isIP } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { resolve, sep } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { type Static, Type } from 'typebox'
import { StartError } from './errors.ts'
import { type MailSettings, readMail } from './notifications/smtp-url.ts'
import { type ProviderSettings, readProvider } from './oidc/settings.ts'
import { allowProblem } from './outgoing/allow-list.ts'
import type { KeepLimits } from './retention/retention.ts'

/** How the server process behaves; `gunicorn-equivalent.config.ts` holds the values. Times are seconds. */
export interface ProcessSettings {
  bind: string
  workers: number
  workerConnections: number
  maxStreams: number
  timeout: number
  keepAlive: number
  gracefulTimeout: number
}

/**
 * Every variable the server reads from its environment. This is the only list: `.env.example` is compared with it,
 * `--check-config` prints it, and nothing else reads `process.env`.
 */
export const Variables = Type.Object({
  NODE_ENV: Type.String({ default: 'development', description: '`production` makes what is missing an error.' }),
  HOST: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Address to listen on. Default: that of `bind` in gunicorn-equivalent.config.ts.'
    })
  ),
  PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: 'Port to listen on; 0 takes a free one. Default: that of `bind`.'
    })
  ),
  DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    description: 'Folder for the database, logs and keys. Must be named in production, and must outlast a reboot.'
  }),
  SECRET_KEY: Type.Optional(
    Type.String({
      minLength: 32,
      description:
        'Key from which all others are derived: openssl rand -hex 32. Default: DATA_DIR/.secret_key, made at the first start.'
    })
  ),
  SECRET_KEY_PREVIOUS: Type.Optional(
    Type.String({
      minLength: 32,
      description:
        'The key before SECRET_KEY, at the first start with a new one: what it keeps is kept with the new one from then on.'
    })
  ),
  PUBLIC_URL: Type.Optional(
    Type.String({
      format: 'uri',
      pattern: '^https?://',
      description: 'Where people reach the server, such as https://bots.example.com. Required in production.'
    })
  ),
  TRUSTED_PROXY: Type.String({
    default: 'loopback',
    minLength: 1,
    description: 'Addresses of proxies whose X-Forwarded-* headers count, separated by commas.'
  }),
  CORS_ORIGINS: Type.String({
    default: '',
    description:
      'Origins whose pages may use the API with a token, such as https://tools.example.com, separated by commas. Default: none.'
  }),
  REQUESTS_PER_SECOND: Type.Integer({
    default: 100,
    minimum: 1,
    description: 'Requests a second for each account; one more is answered 429.'
  }),
  ADMIN_EMAIL: Type.Optional(
    Type.String({
      format: 'email',
      description: 'Makes the first administrator while there is none; with ADMIN_PASSWORD.'
    })
  ),
  ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 8, maxLength: 256, description: 'See ADMIN_EMAIL.' })),
  OIDC_ISSUER: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Lets people sign in with an OpenID Connect provider, such as https://accounts.google.com; see docs/sign-in-with-a-provider.md.'
    })
  ),
  OIDC_CLIENT_ID: Type.Optional(
    Type.String({ minLength: 1, description: 'As what the provider knows this server; with OIDC_ISSUER.' })
  ),
  OIDC_CLIENT_SECRET: Type.Optional(
    Type.String({ minLength: 1, description: 'What proves that to the provider. A public client has none.' })
  ),
  OIDC_NAME: Type.Optional(
    Type.String({
      maxLength: 40,
      description: "What the sign-in page calls the provider. Default: the issuer's host."
    })
  ),
  OIDC_ALLOWED_DOMAINS: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Domains, separated by commas: whoever has a verified address of one gets an account at the first sign-in. Default: nobody.'
    })
  ),
  OIDC_NEW_USERS_ROLE: Type.Optional(
    Type.Enum(['viewer', 'operator'], {
      description: 'The role of those accounts: viewer or operator; with OIDC_ALLOWED_DOMAINS.'
    })
  ),
  BOT_USER: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
      maxLength: 32,
      description: "System user that bots run as; see docs/bot-user.md. Default: the server's own, with all it may do."
    })
  ),
  SMTP_URL: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'The mail server for notifications, such as smtps://user:password@mail.example.com; smtp:// is encrypted when it offers that.'
    })
  ),
  SMTP_FROM: Type.Optional(
    Type.String({
      format: 'email',
      description: 'From whom that mail is. Default: the user of SMTP_URL, when that is an address.'
    })
  ),
  OUTGOING_ALLOW: Type.String({
    default: '',
    description:
      'Hosts, addresses and networks that notifications may go to although they are not on the internet, such as ntfy.internal or 10.0.0.0/8, separated by commas. Default: none.'
  }),
  MAX_CONCURRENT_EXECUTIONS: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 1000,
    description: 'Executions that run at a time on this machine; more wait in the queue.'
  }),
  MAX_QUEUED_EXECUTIONS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Executions that wait at a time; one more is refused (503), to be asked for again later.'
  }),
  MIN_FREE_BYTES: Type.Integer({
    default: 256 * 1024 * 1024,
    minimum: 0,
    description: 'While less than this is free on the disk of DATA_DIR, nothing new starts. What runs goes on.'
  }),
  KEEP_DAYS: Type.Integer({
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description: 'Days for which an execution that has ended is kept, with its log and artifacts.'
  }),
  KEEP_EXECUTIONS: Type.Integer({
    default: 100_000,
    minimum: 1,
    description: 'Executions that are kept; of more, the oldest that have ended are removed.'
  }),
  KEEP_BYTES: Type.Integer({
    default: 10 * 1024 ** 3,
    minimum: 1,
    description: 'Logs and artifacts that are kept, in bytes on the disk; beyond it the oldest executions are removed.'
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'How much the server says in its own log: fatal, error, warn, info, debug, trace or silent.'
  })
})

type Environment = Static<typeof Variables>

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
  minFreeBytes: number
  keep: KeepLimits
  logLevel: string
  workerConnections: number
  maxStreams: number
  timeoutMs: number
  keepAliveMs: number
  gracefulTimeoutMs: number
  /** The environment every bot starts from; nothing else of the server's own reaches it. */
  botEnvironment: Record<string, string>
}

/**
 * Reads the settings out of `env` and `settings`.
 * @throws StartError that lists everything that is wrong, not just the first.
 */
export function readConfig(env: NodeJS.ProcessEnv, settings: ProcessSettings): Config {
  const { values, problems } = readVariables(env)
  const production = values.NODE_ENV === 'production'
  const dataDir = resolve(String(values.DATA_DIR))

  if (production) {
    if (!values.PUBLIC_URL)
      problems.push('PUBLIC_URL is missing: production needs the address people use, such as https://bots.example.com')
    if (!env.DATA_DIR)
      problems.push('DATA_DIR is missing: production needs a folder that lasts, such as /var/lib/botyard')
    else if (dataDir === tmpdir() || dataDir.startsWith(tmpdir() + sep)) {
      problems.push(`DATA_DIR is ${dataDir}: a temporary folder does not outlast a reboot`)
    }
  }
  if (Boolean(values.ADMIN_EMAIL) !== Boolean(values.ADMIN_PASSWORD)) {
    problems.push('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither')
  }
  const provider = readProvider(values)
  problems.push(...provider.problems)
  const proxies = values.TRUSTED_PROXY.split(',').map(part => part.trim())
  for (const proxy of proxies.filter(text => !isProxy(text))) {
    problems.push(
      `TRUSTED_PROXY has "${proxy}": expected an address such as 10.0.0.1 or 10.0.0.0/8, or loopback, linklocal, uniquelocal`
    )
  }
  const corsOrigins = values.CORS_ORIGINS.split(',')
    .map(part => part.trim())
    .filter(Boolean)
  for (const origin of corsOrigins.filter(text => !isOrigin(text))) {
    problems.push(`CORS_ORIGINS has "${origin}": expected an origin such as https://tools.example.com, without a path`)
  }
  const { mail, problem: mailProblem } = readMail(values.SMTP_URL, values.SMTP_FROM)
  if (mailProblem) problems.push(mailProblem)
  const outgoingAllow = values.OUTGOING_ALLOW.split(',')
    .map(part => part.trim())
    .filter(Boolean)
  for (const entry of outgoingAllow) {
    const problem = allowProblem(entry)
    if (problem) problems.push(`OUTGOING_ALLOW has "${entry}": ${problem}`)
  }
  const bind = /^(.+):(\d{1,5})$/.exec(settings.bind)
  if (!bind || Number(bind[2]) > 65535)
    problems.push(`bind in gunicorn-equivalent.config.ts is "${settings.bind}": expected host:port`)
  if (settings.workers !== 1) {
    problems.push(
      `workers in gunicorn-equivalent.config.ts is ${settings.workers}: only 1 works, as whoever follows a log must be connected to the process that publishes it`
    )
  }
  for (const name of ['workerConnections', 'maxStreams', 'timeout', 'keepAlive', 'gracefulTimeout'] as const) {
    if (!(Number.isInteger(settings[name]) && settings[name] > 0)) {
      problems.push(`${name} in gunicorn-equivalent.config.ts is ${settings[name]}: expected a whole number above 0`)
    }
  }
  if (problems.length > 0)
    throw new StartError(`The settings are not usable:\n${problems.map(p => `  - ${p}`).join('\n')}`)

  return {
    production,
    host: values.HOST ?? bind![1]!.replace(/^\[(.*)\]$/, '$1'),
    port: values.PORT ?? Number(bind![2]),
    dataDir,
    secretKey: values.SECRET_KEY ?? null,
    previousSecretKey: values.SECRET_KEY_PREVIOUS ?? null,
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    trustedProxy: proxies,
    corsOrigins,
    requestsPerSecond: values.REQUESTS_PER_SECOND,
    admin:
      values.ADMIN_EMAIL && values.ADMIN_PASSWORD
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : null,
    provider: provider.provider,
    mail,
    outgoingAllow,
    botUser: values.BOT_USER ?? null,
    maxConcurrentExecutions: values.MAX_CONCURRENT_EXECUTIONS,
    maxQueuedExecutions: values.MAX_QUEUED_EXECUTIONS,
    minFreeBytes: values.MIN_FREE_BYTES,
    keep: { days: values.KEEP_DAYS, executions: values.KEEP_EXECUTIONS, bytes: values.KEEP_BYTES },
    logLevel: values.LOG_LEVEL,
    workerConnections: settings.workerConnections,
    maxStreams: settings.maxStreams,
    timeoutMs: settings.timeout * 1000,
    keepAliveMs: settings.keepAlive * 1000,
    gracefulTimeoutMs: settings.gracefulTimeout * 1000,
    botEnvironment: botEnvironment(env)
  }
}

/** The settings in force as lines for a person; secrets are named, never shown. */
export function describeConfig(config: Config): string {
  const shown: Record<string, unknown> = {
    ...config,
    secretKey: config.secretKey ? 'set' : 'kept in DATA_DIR/.secret_key',
    previousSecretKey: config.previousSecretKey ? 'set' : null,
    admin: config.admin ? `${config.admin.email}, password set` : null,
    mail: config.mail && `${config.mail.server.host}:${config.mail.server.port}, from ${config.mail.from}`,
    provider: config.provider && { ...config.provider, clientSecret: config.provider.clientSecret ? 'set' : null }
  }
  return Object.entries(shown)
    .map(([name, value]) => `${name.padEnd(24)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')
}

function readVariables(env: NodeJS.ProcessEnv): { values: Environment; problems: string[] } {
  // An empty variable is one nobody set: that is how a line such as `PUBLIC_URL=` in a .env file is meant.
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(Variables.properties)) if (env[name]?.trim()) values[name] = env[name]

  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false })
  addFormats.default(ajv)
  const valid = ajv.validate(Variables, values)
  const problems = valid
    ? []
    : (ajv.errors ?? []).map(error => {
        const name = error.instancePath.slice(1)
        const got = /PASSWORD|SECRET|SMTP_URL/.test(name) ? '' : ` is "${env[name]}":`
        const allowed = error.keyword === 'enum' ? `: ${error.params.allowedValues.join(', ')}` : ''
        const recipe = name.startsWith('SECRET_KEY') ? '. Make one: openssl rand -hex 32' : ''
        return `${name}${got} ${error.message}${allowed}${recipe}`
      })
  return { values: values as Environment, problems }
}

function isProxy(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  if (more.length > 0) return false
  const version = isIP(address)
  if (version === 0) return ['loopback', 'linklocal', 'uniquelocal'].includes(text)
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.parse(text)?.origin === text
}

function botEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  // npm puts its own folders in front of PATH; a bot that says `node` means the machine's, not the server's.
  const path = (env.PATH ?? '').split(':').filter(part => part && !part.includes('/node_modules/'))
  const own: Record<string, string> = {
    PATH: path.length > 0 ? path.join(':') : '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homedir(),
    LANG: env.LANG || 'C.UTF-8'
  }
  if (env.TZ) own.TZ = env.TZ
  return own
}
