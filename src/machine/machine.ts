import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Actor } from '../audit/audit.ts'
import type { EventHub } from '../events/hub.ts'
import type { SettingStore } from './store.ts'

/** How often the disk is looked at, while something is to start and while nothing is. */
const FRESH_MS = 1000
const LOOK_MS = 5000

/** Once it was low, so much more must be free: what hovers about the mark does not start and stop. */
const RECOVERED = 1.1

export interface MachineState {
  draining: boolean
  /** By when what runs is ended, as the server stops: it does so as soon as nothing runs any more. Null while it does not. */
  stopsBy: number | null
  disk: { freeBytes: number | null; minFreeBytes: number; low: boolean }
  /** When the backup was made that the server was restored from; null once it runs things again. */
  restoredFrom: number | null
}

/** Whether anything new may start: not while somebody drains the machine, nor while its disk is about to be full. */
export class Machine {
  readonly #settings: SettingStore
  readonly #events: EventHub
  readonly #logger: Logger
  readonly #dataDir: string
  readonly #minFreeBytes: number
  readonly #timer: NodeJS.Timeout
  #draining = false
  #stopsBy: number | null = null
  /** Null when it could not be found out. */
  #freeBytes: number | null = null
  #low = false
  #restoredFrom: number | null = null
  #lookedAt = Number.NEGATIVE_INFINITY
  #onReady = () => {}

  constructor(options: {
    settings: SettingStore
    events: EventHub
    logger: Logger
    dataDir: string
    /** Free space on the disk of `dataDir` below which nothing new starts. */
    minFreeBytes: number
  }) {
    this.#settings = options.settings
    this.#events = options.events
    this.#logger = options.logger
    this.#dataDir = options.dataDir
    this.#minFreeBytes = options.minFreeBytes
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref()
  }

  /** Before anything starts: whether somebody was draining the machine when the last server stopped, and the disk. */
  async load(): Promise<void> {
    this.#draining = (await this.#settings.get('draining')) === 'true'
    const restoredFrom = await this.#settings.get('restored_from')
    this.#restoredFrom = restoredFrom === null ? null : Number(restoredFrom)
    await this.#look()
  }

  /** `ready` is called whenever something may start that could not before. */
  onReady(ready: () => void): void {
    this.#onReady = ready
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  state(): MachineState {
    const disk = { freeBytes: this.#freeBytes, minFreeBytes: this.#minFreeBytes, low: this.#low }
    return { draining: this.#draining, stopsBy: this.#stopsBy, disk, restoredFrom: this.#restoredFrom }
  }

  /** Whether something may start, by a look of just now; false also when it is time for another. */
  get isReady(): boolean {
    return performance.now() - this.#lookedAt < FRESH_MS && this.#isOpen
  }

  async mayStart(): Promise<boolean> {
    if (performance.now() - this.#lookedAt >= FRESH_MS) await this.#look()
    return this.#isOpen
  }

  get #isOpen(): boolean {
    return !this.#draining && !this.#low
  }

  /** Lets what runs go on and starts nothing new, until it is taken back; a restart does not take it back. */
  async drain(on: boolean, actor: Actor): Promise<void> {
    const before = this.#draining
    // From now on nothing more starts, or what is being written at this moment might still.
    this.#draining ||= on
    try {
      await this.#settings.set('draining', String(on), {
        actor,
        action: on ? 'machine.drained' : 'machine.resumed',
        subject: { type: 'machine', id: null, name: hostname() }
      })
    } catch (error) {
      this.#draining = before
      throw error
    }
    this.#draining = on
    if (!on && this.#restoredFrom !== null) {
      await this.#settings.forget('restored_from')
      this.#restoredFrom = null
    }
    this.#logger.info(
      { draining: on },
      on ? 'nothing new starts: the machine is drained' : 'the machine runs things again'
    )
    this.#changed()
  }

  /** Tells everybody that the server ends as soon as nothing runs any more, and that what runs is ended at `by`. */
  announceStop(by: number): void {
    this.#stopsBy = by
    this.announce()
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now()
    this.#freeBytes = await this.#free()
    // What took its time is fresh all the same, or nothing would ever start on a slow disk.
    this.#lookedAt = performance.now()
    // Unknown is not low: starting something will tell what is wrong with the disk.
    const low = (this.#freeBytes ?? Number.POSITIVE_INFINITY) < this.#minFreeBytes * (this.#low ? RECOVERED : 1)
    if (low === this.#low) return
    this.#low = low
    const disk = { freeBytes: this.#freeBytes, minFreeBytes: this.#minFreeBytes }
    if (low) this.#logger.warn(disk, 'the disk of DATA_DIR is nearly full: nothing new starts until there is room')
    else this.#logger.info(disk, 'there is room on the disk again')
    this.#changed()
  }

  async #free(): Promise<number | null> {
    try {
      const { bavail, bsize } = await statfs(this.#dataDir)
      return bavail * bsize
    } catch (error) {
      this.#logger.error({ err: error }, 'how much of the disk is free could not be found out')
      return null
    }
  }

  /** Tells whoever listens that something about the machine is not as it was. */
  announce(): void {
    this.#events.publish({ topics: ['machine'], type: 'machine.changed', data: this.state() })
  }

  #changed(): void {
    this.announce()
    if (this.#isOpen) this.#onReady()
  }
}
