import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { type Static, Type } from 'typebox'
import { expectedValue } from './expected-value.ts'

/**
 * Every variable the server reads from its environment. This is the only list: `.env.example` is compared with it,
 * `--check-config` prints it, and nothing else reads `process.env`. (What a service manager says there is no setting:
 * `process/service-manager.ts`.)
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
      pattern: '^https?://[^/?#@]+/*$',
      expects: 'an address such as https://bots.example.com, without a path',
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
      expects: 'the name of a system user, such as botyard-bots',
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
  DRAIN_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 86_400,
      description:
        'For hosts on which bots end with the server, such as containers: seconds a stop waits for what runs, before it ends that; see docs/containers.md. Default: a stop leaves bots running for the next server.'
    })
  ),
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
  SENTRY_DSN: Type.Optional(
    Type.String({
      format: 'uri',
      pattern: '^https?://',
      expects: 'the DSN of a project in Sentry, such as https://key@sentry.example.com/1',
      description: 'Where errors of the server are reported: the DSN of a project in Sentry. Default: nowhere.'
    })
  ),
  SENTRY_FAILED_BOTS: Type.Boolean({
    default: false,
    description: 'Whether executions that did not succeed are reported there as well: true or false.'
  }),
  STORAGE_URL: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Bucket that artifacts are kept in: s3://bucket/prefix, gs://bucket/prefix or file:///folder; see docs/artifacts.md. Default: the disk of DATA_DIR.'
    })
  ),
  BACKUP_URL: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Where backups are kept: a folder such as /srv/backups, or file:///srv/backups, s3://bucket/prefix?region=eu-central-1, gs://bucket/prefix; see docs/backup.md. Default: none are made.'
    })
  ),
  BACKUP_CRON: Type.String({
    default: '30 3 * * *',
    minLength: 1,
    description: 'When they are made: five fields of cron, in the time zone of the server.'
  }),
  BACKUP_KEEP: Type.Integer({
    default: 14,
    minimum: 1,
    maximum: 10_000,
    description: 'Backups that are kept at BACKUP_URL; of more, the oldest are removed once another is whole.'
  }),
  BACKUP_PASSPHRASE: Type.Optional(
    Type.String({
      minLength: 12,
      description: 'Encrypts backups, and opens them: openssl rand -base64 24. Without it whoever has one can read it.'
    })
  ),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'How much the server says in its own log: fatal, error, warn, info, debug, trace or silent.'
  })
})

/** What they are set to, or by default. */
export type Environment = Static<typeof Variables>

/**
 * Reads them: as far as they are right, and what is wrong with the others, for people. Secrets are not repeated.
 */
export function readVariables(env: NodeJS.ProcessEnv): { values: Environment; problems: string[] } {
  // An empty variable is one nobody set: that is how a line such as `PUBLIC_URL=` in a .env file is meant.
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(Variables.properties)) if (env[name]?.trim()) values[name] = env[name]

  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false })
  addFormats.default(ajv)
  if (ajv.validate(Variables, values)) return { values: values as Environment, problems: [] }
  const wrong = new Set((ajv.errors ?? []).map(error => error.instancePath.slice(1)))
  const problems = [...wrong].map(name => {
    const got = /PASSWORD|PASSPHRASE|SECRET|SENTRY_DSN|(SMTP|STORAGE|BACKUP)_URL/.test(name)
      ? ':'
      : ` is "${env[name]}":`
    const recipe = name.startsWith('SECRET_KEY') ? '. Make one: openssl rand -hex 32' : ''
    const schema = Variables.properties[name as keyof typeof Variables.properties]
    return `${name}${got} expected ${expectedValue(schema)}${recipe}`
  })
  return { values: values as Environment, problems }
}
