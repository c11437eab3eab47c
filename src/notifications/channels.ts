import { type Actor, difference, type Facts } from '../audit/audit.ts'
import type { EventHub } from '../events/hub.ts'
import { AppError, type FieldError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { ChannelStore } from './channel-store.ts'
import { kinds } from './channels/kinds.ts'
import { type Message, testMessage } from './message.ts'
import type { Channel, CreateChannel, UpdateChannel } from './notifications.ts'
import type { Sender } from './sender.ts'
import { divided, misdirected, type Settings, settle } from './settings.ts'
import type { Verdict } from './verdict.ts'

export interface ChannelsOptions {
  store: ChannelStore
  secrets: Pick<Secrets, 'sealOwned' | 'owned'>
  sender: Sender
  events: EventHub
  publicUrl: string | null
}

/** The ways to tell somebody something: makes, changes, removes and uses them. */
export class Channels {
  readonly #options: ChannelsOptions

  constructor(options: ChannelsOptions) {
    this.#options = options
  }

  /** By name. */
  list(): Promise<Channel[]> {
    return this.#options.store.list()
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Channel> {
    const channel = await this.#options.store.find(id)
    if (!channel) throw notFound(id)
    return channel
  }

  /** @throws AppError `invalid_request` */
  async create({ name, kind, settings: given }: CreateChannel, actor: Actor): Promise<Channel> {
    const { settings, errors } = settle(kind, given)
    insist(errors)
    const { open, secret } = divided(kind, settings)
    const now = Date.now()
    const fields = { name: name.trim(), kind, settings: open, secrets: Object.keys(secret) }
    const channel: Channel = { id: newId(), ...fields, createdAt: now, updatedAt: now }
    await this.#options.store.insert(channel, this.#sealed(channel.id, secret), {
      actor,
      action: 'channel.created',
      subject: subjectOf(channel),
      after: factsOf(channel)
    })
    this.#publish(channel)
    return channel
  }

  /** @throws AppError `not_found`, `invalid_request` */
  async update(id: string, { name, settings: given = {} }: UpdateChannel, actor: Actor): Promise<Channel> {
    const before = await this.get(id)
    const { kind } = before
    const all = { ...before.settings, ...(await this.#secretsOf(before)) }
    const { settings, errors } = settle(kind, { ...all, ...given })
    insist(errors.length > 0 ? errors : misdirected(kind, all, settings, given))
    const { open, secret } = divided(kind, settings)
    const channel: Channel = {
      ...before,
      name: name?.trim() ?? before.name,
      settings: open,
      secrets: Object.keys(secret),
      // Two changes within a millisecond are told apart.
      updatedAt: Math.max(Date.now(), before.updatedAt + 1)
    }
    const facts = difference(factsOf(before), factsOf(channel))
    // That there are others is to be seen; neither are they.
    const replaced = kinds[kind].secrets.filter(name => given[name] !== undefined)
    if (replaced.length > 0) facts.after.replaced = replaced
    const change = { actor, action: 'channel.changed', subject: subjectOf(before), ...facts } as const
    if (!(await this.#options.store.update(channel, before, this.#sealed(id, secret), change)))
      throw new AppError('not_found', 'The channel was changed or deleted by somebody else meanwhile. Look at it anew.')
    this.#publish(channel)
    return channel
  }

  /** Its notices go with it. @throws AppError `not_found`, `channel_in_use` */
  async delete(id: string, actor: Actor): Promise<void> {
    const channel = await this.get(id)
    const change = { actor, action: 'channel.deleted', subject: subjectOf(channel), before: factsOf(channel) } as const
    const { deleted, usedBy } = await this.#options.store.delete(id, change)
    if (usedBy.length > 0) {
      const rules = usedBy.join(', ')
      throw new AppError('channel_in_use', `Rules name it: ${rules}. Take it from there, then delete it.`)
    }
    if (!deleted) throw notFound(id)
    this.#options.events.publish({ topics: ['notifications'], type: 'channel.deleted', data: { id } })
  }

  /** Sends something through it now, and says what came of it. @throws AppError `not_found` */
  async test(id: string, signal: AbortSignal): Promise<{ delivered: boolean; detail: string }> {
    const channel = await this.get(id)
    const message = testMessage(channel.name, Date.now(), this.#options.publicUrl)
    const { kind, detail } = await this.send(channel, message, newId(), signal)
    return { delivered: kind === 'sent', detail }
  }

  /** Sends a message through it. `id` is the same for the same message. Does not fail for what the other side does. */
  async send(channel: Channel, message: Message, id: string, stopping: AbortSignal): Promise<Verdict> {
    const secret = await this.#secretsOf(channel)
    const missing = channel.secrets.filter(name => secret[name] === undefined)
    if (missing.length > 0) {
      const detail = `Another SECRET_KEY is needed to open ${missing.join(', ')}: give the channel what it is again.`
      return { kind: 'again', detail, afterMs: null }
    }
    const settings = { ...channel.settings, ...secret }
    const request = kinds[channel.kind].request(message, settings, { id, now: Date.now() })
    return this.#options.sender.send(request, Object.values(secret), stopping)
  }

  async #secretsOf({ id, secrets }: Channel): Promise<Record<string, string>> {
    const text = secrets.length > 0 ? await this.#options.secrets.owned(`channel:${id}`) : null
    return text === null ? {} : JSON.parse(text)
  }

  #sealed(id: string, secret: Settings): Buffer | null {
    if (Object.keys(secret).length === 0) return null
    return this.#options.secrets.sealOwned(`channel:${id}`, JSON.stringify(secret))
  }

  #publish(channel: Channel): void {
    this.#options.events.publish({ topics: ['notifications'], type: 'channel.changed', data: channel })
  }
}

function insist(errors: FieldError[]): void {
  if (errors.length > 0) throw new AppError('invalid_request', 'The channel cannot be saved: see errors.', { errors })
}

function factsOf({ name, kind, settings, secrets }: Channel): Facts {
  return { name, kind, settings, secrets }
}

function subjectOf({ id, name }: Channel): { type: 'channel'; id: string; name: string } {
  return { type: 'channel', id, name }
}

const notFound = (id: string): AppError => new AppError('not_found', `There is no channel "${id}".`)
