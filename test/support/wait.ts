import { setTimeout as delay } from 'node:timers/promises'

/** Who has waited long looks less often: what is looked at takes processor time from what is waited for. */
const [SOONEST_MS, LATEST_MS] = [10, 100]

/**
 * Waits until `condition` gives something, looking again and again; for what tells nobody that it happened, such as a
 * process that dies. The deadline is generous: it turns a hang into a failure, it measures nothing.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 30_000
): Promise<NonNullable<T>> {
  const start = performance.now()
  for (;;) {
    const value = await condition()
    if (value) return value
    const waitedMs = performance.now() - start
    if (waitedMs > deadlineMs) throw new Error(`waited in vain: ${what}`)
    await delay(Math.min(LATEST_MS, Math.max(SOONEST_MS, waitedMs / 10)))
  }
}
