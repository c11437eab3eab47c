/** What cannot be ended yet (a process that waits for a disk) is tried again. */
const AGAIN_MS = 1000

/**
 * When to send which signal: each once, a grace apart, and the last again every second for as long as somebody asks.
 * Times are milliseconds of the monotonic clock.
 */
export class Escalation {
  readonly #signals: readonly NodeJS.Signals[]
  #graceMs: number
  #sent = 0
  #nextAt: number

  constructor(signals: readonly NodeJS.Signals[], graceMs: number, firstAt: number) {
    this.#signals = signals
    this.#graceMs = graceMs
    this.#nextAt = firstAt
  }

  /** From now on no more than this lies between two signals. Asking again changes nothing. */
  hurry(graceMs: number, now: number): void {
    this.#graceMs = Math.min(this.#graceMs, graceMs)
    this.#nextAt = Math.min(this.#nextAt, now + graceMs)
  }

  /** The signal whose time has come; null while none is due. */
  due(now: number): NodeJS.Signals | null {
    if (now < this.#nextAt) return null
    const last = this.#signals.length - 1
    const signal = this.#signals[Math.min(this.#sent, last)]!
    this.#nextAt = now + (this.#sent >= last ? AGAIN_MS : this.#graceMs)
    this.#sent++
    return signal
  }
}
