import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Supervisor } from './supervisor.ts'

/** How often to look whether anything runs still, once nothing may begin. */
const LOOK_MS = 100

/** What is ended before its host ends it gets each signal this long after the one before at most: KILL after ten seconds. */
const GRACE_MS = 5000

/** What runs still, so long after it was to be ended, cannot be ended (it waits for a disk); nobody waits for it any more. */
const GIVE_UP_MS = 15_000

export interface Draining {
  /** How many executions run; null when that cannot be told now. */
  running: () => Promise<number | null>
  supervisor: Pick<Supervisor, 'isBusy' | 'endAllSoon'>
  logger: Logger
}

/** Waits until nothing runs any more, once nothing new begins. What has not ended after `limitMs` is ended. */
export async function drain({ running, supervisor, logger }: Draining, limitMs: number): Promise<void> {
  const limit = performance.now() + limitMs
  let ending = false
  for (;;) {
    const count = await running()
    const late = performance.now() - limit
    // While that cannot be told, something may run that the supervisor has not heard of yet.
    if (!supervisor.isBusy && (count === 0 || (count === null && late >= 0))) return
    if (late >= GIVE_UP_MS) {
      logger.error({ running: count }, 'some bots could not be ended; the server stops without them')
      return
    }
    if (late >= 0) {
      if (!ending) logger.warn({ running: count }, 'the time to drain is up: what runs still is ended')
      ending = true
      // Each time, as what was claimed a moment before that may have come to be known only now.
      supervisor.endAllSoon(GRACE_MS)
    }
    await delay(late < 0 ? Math.min(LOOK_MS, -late) : LOOK_MS)
  }
}
