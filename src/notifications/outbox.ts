import type { Logger } from 'pino'
import type { EventHub } from '../events/hub.ts'
import { Rounds } from '../lib/rounds.ts'
import { withAdvice } from '../lib/shortages.ts'
import { Turns } from '../lib/turns.ts'
import type { Channels } from './channels.ts'
import type { DueNotice, NoticeStore } from './notice-store.ts'
import type { Channel } from './notifications.ts'
import { MAX_WAIT_MS, settled } from './retrying.ts'

/** Sent at a time, by all channels together. */
const AT_ONCE = 8

/** After the database could not be asked, or could not keep what a try came to. */
const PAUSE_MS = 30_000

export interface OutboxOptions {
  store: NoticeStore
  channels: Pick<Channels, 'get' | 'send'>
  events: EventHub
  logger: Logger
}

/**
 * Sends what waits. Each channel has a lane of its own, in which one notice is sent after the other: one that does not
 * answer delays no other channel. What a try comes to is kept after it, so that a server that dies in between sends a notice
 * once more: at least once, with the same id.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #turns = new Turns(AT_ONCE)
  readonly #lanes = new Map<string, Promise<void>>()
  /** Until when a channel wants to be left alone, by its id. */
  readonly #paused = new Map<string, number>()
  readonly #stopping = new AbortController()
  readonly #rounds = new Rounds({
    round: () => this.#begin(),
    failed: err => {
      this.#options.logger.error({ err }, withAdvice('what is to be sent cannot be read; it is tried again', err))
      return PAUSE_MS
    }
  })

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Something waits, or may have been left by a server before this one. */
  wake(): void {
    this.#rounds.wake()
  }

  /** Breaks off what is being sent, which waits for the next server, and waits for that. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#rounds.stop()
    await Promise.all(this.#lanes.values())
  }

  /** Tells whoever listens how a notice is now. */
  async announce(id: string): Promise<void> {
    if (!this.#options.events.hasListeners('notifications')) return
    const data = await this.#options.store.find(id)
    if (data) this.#options.events.publish({ topics: ['notifications'], type: 'notice.changed', data })
  }

  /** Begins the lanes in which something is due; answers in how many milliseconds the next is, and null when nothing waits. */
  async #begin(): Promise<number | null> {
    const now = Date.now()
    let first: number | null = null
    for (const { channelId, nextAt } of await this.#options.store.lanes(now + MAX_WAIT_MS)) {
      if (this.#lanes.has(channelId)) continue
      const at = Math.max(nextAt, this.#pausedUntil(channelId, now))
      if (at > now) first = Math.min(at, first ?? at)
      else this.#lanes.set(channelId, this.#goThrough(channelId))
    }
    return first === null ? null : first - now
  }

  #pausedUntil(channelId: string, now: number): number {
    const until = this.#paused.get(channelId) ?? 0
    return until > now + MAX_WAIT_MS ? 0 : until
  }

  /** Sends what is due to a channel, one after the other. Never fails. */
  async #goThrough(channelId: string): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted && this.#pausedUntil(channelId, Date.now()) <= Date.now()) {
        const now = Date.now()
        const notice = await this.#options.store.due(channelId, now, now + MAX_WAIT_MS)
        if (!notice) break
        await this.#turns.take(async () => this.#send(await this.#options.channels.get(channelId), notice))
      }
    } catch (error) {
      // Not at once: what was sent and could not be kept would be sent again and again.
      this.#paused.set(channelId, Date.now() + PAUSE_MS)
      this.#options.logger.error(
        { err: error, channel: channelId },
        withAdvice('a notice could not be sent; it is tried again', error)
      )
    } finally {
      this.#lanes.delete(channelId)
      this.wake()
    }
  }

  async #send(channel: Channel, { id, tries, message }: DueNotice): Promise<void> {
    const { store, channels, logger } = this.#options
    const { signal } = this.#stopping
    if (signal.aborted) return
    const verdict = await channels.send(channel, message, id, signal)
    // Broken off by us: that says nothing of the channel.
    if (signal.aborted && verdict.kind !== 'sent') return
    const now = Date.now()
    const result = settled(channel.kind, verdict, tries, now)
    if (verdict.kind === 'again' && verdict.afterMs) this.#paused.set(channel.id, now + verdict.afterMs)
    else this.#paused.delete(channel.id)
    await store.settle(id, result, now)
    if (result.state === 'failed')
      logger.warn({ notice: id, channel: channel.name, detail: result.detail }, 'a notice was given up')
    await this.announce(id)
  }
}
