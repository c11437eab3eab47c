import { appendFileSync, statSync } from 'node:fs'
import type { AttemptDirectory } from './attempt-directory.ts'

/** How long an attempt's log may grow. The kernel keeps it there (`ulimit -f` in the wrapper), whether or not a server runs. */
export class LogCap {
  readonly #directory: AttemptDirectory
  #bytes: number | null = null

  constructor(directory: AttemptDirectory) {
    this.#directory = directory
  }

  isReachedBy(size: number): boolean {
    return size >= this.#cap()
  }

  /** The bot's last words were cut off: whoever reads the log must see why it ends there. */
  sayReached(): void {
    try {
      const cap = this.#cap()
      // Longer than the cap: said before, by a server that died right after.
      if (statSync(this.#directory.log).size > cap) return
      appendFileSync(
        this.#directory.log,
        `\n[botyard] The log reached its limit of ${cap} bytes, so the bot was ended.\n`
      )
    } catch {
      // The log is gone or the disk is full: the reason of the execution says it, too.
    }
  }

  /** What `ulimit -f` made of the limit: whole blocks of 512 bytes. */
  #cap(): number {
    this.#bytes ??= Math.floor((this.#directory.launchRecord()?.maxLogBytes ?? Number.POSITIVE_INFINITY) / 512) * 512
    return this.#bytes
  }
}
