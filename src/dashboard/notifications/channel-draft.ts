import type { Channel } from '../api/types.ts'
import { type ChannelKind, type Setting, settingsOf } from './settings.ts'

/** A channel as it stands in its form. */
export interface ChannelDraft {
  name: string
  kind: ChannelKind
  /** By the names of settings. A secret is empty where it is to stay. */
  values: Record<string, string>
  /** The secrets that are to be taken away. */
  removed: string[]
}

export function channelDraft(channel: Channel | null): ChannelDraft {
  if (!channel) return { name: '', kind: 'email', values: {}, removed: [] }
  const { name, kind, settings } = channel
  const values = settingsOf[kind].map(({ name }) => [name, shown(settings[name])])
  return { name, kind, values: Object.fromEntries(values), removed: [] }
}

/** What the server is told of the settings: of a channel that there is, with null for what is taken away. */
export function givenSettings({ kind, values, removed }: ChannelDraft, isNew: boolean): Record<string, unknown> {
  const given = settingsOf[kind].map(setting => {
    const value = read(setting, values[setting.name] ?? '')
    if (value !== null) return [setting.name, value]
    const stays = isNew || (setting.secret && !removed.includes(setting.name))
    return [setting.name, stays ? undefined : null]
  })
  return Object.fromEntries(given)
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value ?? ''))

/** Null for what is empty. */
function read({ list }: Setting, text: string): string | string[] | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  return list ? trimmed.split(/[\s,;]+/).filter(Boolean) : trimmed
}

/** Where a channel leads, as far as that is no secret. */
export function leadsTo({ kind, settings }: Channel): string {
  const names = { email: 'to', webhook: 'url', telegram: 'chatId', ntfy: 'topic', slack: '', discord: '', ping: '' }
  return shown(settings[names[kind]])
}
