import { beyond } from './archive.ts'
import type { Target } from './targets/target.ts'

/** Removes all backups but the newest; to be called once another one is whole. @returns the names of those that went. */
export async function keepNewest(target: Target, keep: number): Promise<string[]> {
  const old = beyond(await target.names(), keep)
  for (const name of old) await target.remove(name)
  return old
}
