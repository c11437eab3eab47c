import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until `condition` gives something, looking again and again; for what tells nobody that it happened, such as a
 * process that dies. The deadline is generous: it turns a hang into a failure, it measures nothing.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 30_000
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
    await delay(10)
  }
}
