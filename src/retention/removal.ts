import { opendir } from 'node:fs/promises'
import type { Logger } from 'pino'
import { firstIdAt, isId } from '../lib/ids.ts'
import { anyProcessIn } from '../processes/processes.ts'
import type { AttemptFolders } from './attempt-folders.ts'
import { DAY_MS, isWithin, type KeepLimits, mustGo } from './retention.ts'
import type { Settling } from './settling.ts'
import { BATCH, type KeptExecution, type RetentionStore } from './store.ts'

/** A folder of an attempt that nobody knows, such as after a backup was restored, goes when nothing has changed for a day. */
const ORPHAN_MS = DAY_MS

export interface RemovalOptions {
  store: RetentionStore
  settling: Settling
  folders: AttemptFolders
  keep: KeepLimits
  /** Whether an execution still runs, or is just ending. */
  isLive: (executionId: string) => boolean
  logger: Logger
}

/**
 * Removes what is not to be kept: first the folders, then the rows, so that who comes after somebody who died in between
 * finds what is left.
 */
export class Removal {
  readonly #options: RemovalOptions

  constructor(options: RemovalOptions) {
    this.#options = options
  }

  /** The oldest executions that have ended, until the others are within the limits. */
  async removeOldest(now: number, signal: AbortSignal): Promise<void> {
    const { store, settling, keep, isLive, folders, logger } = this.#options
    const unsettledBytes = await settling.measure(signal)
    const tally = await store.tally(signal)
    tally.bytes += unsettledBytes
    // What was queued later has not ended so long ago.
    const border = firstIdAt(Math.max(0, now - keep.days * DAY_MS))
    const count = { removed: 0, stuck: 0 }
    for await (const executions of store.ended(signal)) {
      const going: KeptExecution[] = []
      for (const execution of executions) {
        if (isLive(execution.id) || !mustGo(execution, tally, keep, now)) continue
        going.push(execution)
        tally.executions--
        tally.bytes -= this.#bytesOf(execution)
      }
      const stuck = await this.#remove(going, signal)
      tally.executions += stuck.length
      for (const execution of stuck) tally.bytes += this.#bytesOf(execution)
      count.removed += going.length - stuck.length
      count.stuck += stuck.length
      if (isWithin(tally, keep) && executions.at(-1)!.id >= border) break
    }
    if (count.removed > 0)
      logger.info({ executions: count.removed }, 'removed the oldest executions, as the settings say')
    if (count.stuck > 0) {
      const detail = 'executions that are not to be kept stay, as not all files of their attempts can be removed'
      logger.error({ executions: count.stuck, folder: folders.path }, `${detail}. Remove them by hand`)
    }
  }

  /** The folders of attempts that are not in the database. */
  async removeOrphans(now: number, signal: AbortSignal): Promise<void> {
    let ids: string[] = []
    for await (const { name } of await opendir(this.#options.folders.path)) {
      if (isId(name)) ids.push(name)
      if (ids.length < BATCH) continue
      await this.#removeUnknown(ids, now, signal)
      ids = []
    }
    if (ids.length > 0) await this.#removeUnknown(ids, now, signal)
  }

  /** @returns those that could not be removed as a whole, and stay. */
  async #remove(executions: KeptExecution[], signal: AbortSignal): Promise<KeptExecution[]> {
    const attempts = executions.flatMap(execution => execution.attempts.map(({ id }) => id))
    const left = new Set(await this.#options.folders.remove(attempts, signal))
    const isStuck = (execution: KeptExecution) => execution.attempts.some(({ id }) => left.has(id))
    await this.#options.store.remove(executions.filter(execution => !isStuck(execution)).map(({ id }) => id))
    return executions.filter(isStuck)
  }

  async #removeUnknown(ids: string[], now: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { store, folders, logger } = this.#options
    const known = await store.known(ids)
    const orphans: string[] = []
    for (const id of ids.filter(id => !known.has(id))) {
      const changedAt = await folders.changedAt(id)
      const isOld = changedAt !== null && changedAt <= now - ORPHAN_MS
      // Where an older state of the database was brought back, its bot may still run.
      if (isOld && !anyProcessIn(folders.of(id))) orphans.push(id)
    }
    if (orphans.length === 0) return
    await folders.remove(orphans, signal)
    logger.info({ folders: orphans.length }, 'removed folders of attempts that nobody knows')
  }

  #bytesOf(execution: KeptExecution): number {
    const bytes = execution.attempts.map(({ id, storedBytes }) => storedBytes ?? this.#options.settling.bytesOf(id))
    return bytes.reduce((sum, one) => sum + one, 0)
  }
}
