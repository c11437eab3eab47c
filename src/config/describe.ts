import { describeStorage } from '../storage/storage-url.ts'
import type { Config } from './config.ts'

/** The settings in force as lines for a person; secrets are named, never shown. */
export function describeConfig(config: Config): string {
  const shown: Record<string, unknown> = {
    ...config,
    secretKey: config.secretKey ? 'set' : 'kept in DATA_DIR/.secret_key',
    previousSecretKey: config.previousSecretKey ? 'set' : null,
    admin: config.admin ? `${config.admin.email}, password set` : null,
    sentry: config.sentry && { ...config.sentry, dsn: new URL(config.sentry.dsn).host },
    storage: config.storage ? describeStorage(config.storage) : 'the disk of DATA_DIR',
    storageEnvironment: Object.keys(config.storageEnvironment).join(', '),
    backup: { ...config.backup, passphrase: config.backup.passphrase ? 'set' : null },
    mail: config.mail && `${config.mail.server.host}:${config.mail.server.port}, from ${config.mail.from}`,
    provider: config.provider && { ...config.provider, clientSecret: config.provider.clientSecret ? 'set' : null }
  }
  return Object.entries(shown)
    .map(([name, value]) => `${name.padEnd(24)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')
}
