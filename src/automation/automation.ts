import type { Logger } from 'pino'
import type { Actor } from '../audit/audit.ts'
import type { EventHub } from '../events/hub.ts'
import type { SettingStore } from '../machine/store.ts'

const SETTING = 'automation'

/** The one switch for all that runs by itself: schedules, webhooks and chains. People and programs can start bots all the same. */
export class Automation {
  readonly #settings: SettingStore
  readonly #events: EventHub
  readonly #logger: Logger
  readonly #listeners: ((isOn: boolean) => void)[] = []
  readonly #starting = new Set<Promise<unknown>>()
  #isOn = true

  constructor({ settings, events, logger }: { settings: SettingStore; events: EventHub; logger: Logger }) {
    this.#settings = settings
    this.#events = events
    this.#logger = logger
  }

  /** Before anything starts: how somebody left it. */
  async load(): Promise<void> {
    this.#isOn = (await this.#settings.get(SETTING)) !== 'off'
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** Does `start`, unless it is off: null then. Whoever switches it off is answered when no such start goes on any more. */
  async whileOn<T>(start: () => Promise<T>): Promise<T | null> {
    if (!this.#isOn) return null
    const started = start()
    this.#starting.add(started)
    try {
      return await started
    } finally {
      this.#starting.delete(started)
    }
  }

  /** `listener` is called after it was switched. */
  onChange(listener: (isOn: boolean) => void): void {
    this.#listeners.push(listener)
  }

  /** Holds until it is switched again, also across restarts. */
  async switch(on: boolean, actor: Actor): Promise<void> {
    const before = this.#isOn
    // From now on nothing more starts, or what is being written at this moment might still.
    this.#isOn &&= on
    if (!on) await Promise.allSettled(this.#starting)
    try {
      await this.#settings.set(SETTING, on ? 'on' : 'off', {
        actor,
        action: on ? 'automation.enabled' : 'automation.disabled',
        subject: { type: 'automation', id: null, name: 'automation' }
      })
    } catch (error) {
      this.#isOn = before
      throw error
    }
    this.#isOn = on
    this.#logger.info({ automation: on }, on ? 'bots run by themselves again' : 'no bot runs by itself any more')
    for (const listener of this.#listeners) listener(on)
    this.#events.publish({ topics: ['automation'], type: 'automation.changed', data: { enabled: on } })
  }
}
