import { type FSWatcher, watch } from 'node:fs'

/**
 * Looks at many folders, each at the pace it needs: every 10 ms while something moves, 50 ms after a second of quiet,
 * 250 ms after ten. What is quiet also has a watch on it, used once, so that it is looked at as soon as it wakes; while
 * it moves there is none, as a bot that floods its log would flood the watch as well.
 * With 1,000 folders that costs a few percent of a core, where a plain look every 10 ms costs five times that.
 */
const PACES = [
  { quietMs: 0, everyMs: 10 },
  { quietMs: 1000, everyMs: 50 },
  { quietMs: 10_000, everyMs: 250 }
]

/** What an attempt uses, which this server writes into the folder itself: no sign of life. */
const OURS = 'usage'

/** Times are the monotonic clock's: somebody who sets the machine's clock must not stop or start anything here. */
interface Beat {
  folder: string
  look: () => boolean
  movedAt: number
  dueAt: number
  watcher: FSWatcher | null
}

export class Pulse {
  readonly #beats = new Set<Beat>()
  #timer: NodeJS.Timeout | null = null
  #timerAt = Number.POSITIVE_INFINITY
  #stopped = false

  /**
   * Calls `look` again and again; it answers whether something moved. It must not throw.
   * @returns what ends it, and what makes the next look come at once.
   */
  add(folder: string, look: () => boolean): { stop: () => void; nudge: () => void } {
    const now = performance.now()
    const beat: Beat = { folder, look, movedAt: now, dueAt: now, watcher: null }
    this.#beats.add(beat)
    this.#schedule(now)
    return {
      stop: () => {
        this.#beats.delete(beat)
        unwatch(beat)
      },
      nudge: () => this.#wake(beat)
    }
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    for (const beat of this.#beats) unwatch(beat)
    this.#beats.clear()
  }

  #run(): void {
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const beat of this.#beats) {
      if (beat.dueAt <= now) this.#lookAt(beat, now)
      if (beat.dueAt < next && this.#beats.has(beat)) next = beat.dueAt
    }
    this.#schedule(next)
  }

  #lookAt(beat: Beat, now: number): void {
    if (beat.look()) beat.movedAt = now
    const quiet = now - beat.movedAt
    const pace = PACES.findLast(p => quiet >= p.quietMs)!
    beat.dueAt = now + pace.everyMs
    if (pace.quietMs > 0 && !beat.watcher && this.#beats.has(beat)) this.#watch(beat)
  }

  #watch(beat: Beat): void {
    try {
      beat.watcher = watch(beat.folder, { persistent: false }, (_, name) => {
        if (name !== OURS && name !== `${OURS}.new`) this.#wake(beat)
      })
      beat.watcher.on('error', () => unwatch(beat)) // the folder is gone: the next look finds out
    } catch {
      // No watches left on this machine (fs.inotify.max_user_watches): looking at its pace is enough, only later.
    }
  }

  #wake(beat: Beat): void {
    unwatch(beat)
    if (!this.#beats.has(beat)) return
    const now = performance.now()
    beat.movedAt = now
    beat.dueAt = now
    this.#schedule(now)
  }

  #schedule(at: number): void {
    if (this.#stopped || at >= this.#timerAt || at === Number.POSITIVE_INFINITY) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => this.#run(), Math.max(0, at - performance.now()))
  }
}

function unwatch(beat: Beat): void {
  beat.watcher?.close()
  beat.watcher = null
}
