import type { SettingStore } from '../machine/store.ts'
import { deriveKey, nameOfKey, type SecretKeys } from './secret-key.ts'

const NAME = 'secret_key'

/** With what access tokens are signed, and for a while after a change of keys what those from before it were signed with. */
export interface AccessKeys {
  current: Buffer
  /** Null once no token from before the change can be good any more. */
  previous(): Buffer | null
}

/**
 * The keys for access tokens. The key before the current one counts for `lifetimeMs`, the life of a token, from the first
 * start with the current one on, and not longer: it may have been changed because somebody has it.
 */
export async function accessKeys(keys: SecretKeys, settings: SettingStore, lifetimeMs: number): Promise<AccessKeys> {
  const previous = keys.previous === null ? null : deriveKey(keys.previous, 'access tokens')
  const since = await inUseSince(keys.current, settings)
  return {
    current: deriveKey(keys.current, 'access tokens'),
    previous: () => (Date.now() < since + lifetimeMs ? previous : null)
  }
}

/** When a server was first started with this key. */
async function inUseSince(key: string, settings: SettingStore): Promise<number> {
  const name = nameOfKey(key)
  const kept = JSON.parse((await settings.get(NAME)) ?? 'null') as { name: string; since: number } | null
  if (kept?.name === name) return kept.since
  const since = Date.now()
  await settings.set(NAME, JSON.stringify({ name, since }), null)
  return since
}
