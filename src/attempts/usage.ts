import { existsSync } from 'node:fs'
import { Slices } from '../lib/slices.ts'
import { type ProcessTable, tableOf, treeOf } from '../processes/process-tree.ts'
import { allUse, type ProcessUse, useOf } from '../processes/process-use.ts'
import type { LiveAttempt } from './live-attempt.ts'
import { cpuMsIn } from './times.ts'
import { addUsage, MAX_RECORDS, readUsage, type UsageSample, usageFile } from './usage-file.ts'

/** How often attempts are looked at while their file has room. */
const LOOK_MS = 2000

/** What an attempt has used in all. Null: nobody looked in time. */
export interface UsageSummary {
  /** Processor time in milliseconds. */
  cpuMs: number
  maxMemoryBytes: number | null
  maxPids: number | null
}

interface Meter {
  attempt: LiveAttempt
  /** Records in its file; null until that has been looked into, as a server before this one may have begun it. */
  count: number | null
  summary: UsageSummary | null
  /** By the monotonic clock. */
  sampledAt: number
}

/**
 * Looks at what live attempts use, each with all of its processes, and keeps it in their folders: every two seconds at
 * first, and less often the longer they run. While none lives, nothing is done.
 */
export class Usage {
  readonly #meters = new Map<string, Meter>()
  #timer: NodeJS.Timeout | null = null
  #looking = false

  add(attempt: LiveAttempt): void {
    const { id } = attempt.record
    if (this.#meters.has(id)) return
    this.#meters.set(id, { attempt, count: null, summary: null, sampledAt: Number.NEGATIVE_INFINITY })
    this.#schedule()
  }

  /**
   * What an attempt that has ended has used. The kernel has counted the processor time of a control group, the bot's
   * shell that of the processes it knows of; memory and processes are what was seen, if anybody looked before the end.
   */
  async summary(attempt: LiveAttempt): Promise<UsageSummary | null> {
    const meter = this.#meters.get(attempt.record.id)
    if (!meter) return null
    try {
      await load(meter)
      const cpuMs = attempt.processes.confinement.group?.cpuMs() ?? cpuMsIn(attempt.directory.path)
      if (cpuMs !== null) note(meter, { cpuMs: Math.round(cpuMs), maxMemoryBytes: null, maxPids: null })
    } catch {
      // No descriptors left, say. An end is not kept waiting for this.
    }
    return meter.summary
  }

  remove(attempt: LiveAttempt): void {
    this.#meters.delete(attempt.record.id)
  }

  stop(): void {
    this.#meters.clear()
    if (this.#timer) clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (this.#timer || this.#looking || this.#meters.size === 0) return
    this.#timer = setTimeout(async () => {
      this.#timer = null
      this.#looking = true
      await this.#look().catch(leaveGap)
      this.#looking = false
      this.#schedule()
    }, LOOK_MS).unref()
  }

  async #look(): Promise<void> {
    const slices = new Slices()
    const due = [...this.#meters.values()].filter(isDue)
    const table = due.some(({ attempt }) => !attempt.processes.confinement.group) ? tableOf(await allUse(slices)) : null
    for (const meter of due) {
      const sample = await look(meter.attempt, table, slices).catch(leaveGap)
      if (sample && this.#meters.has(meter.attempt.record.id)) await keep(meter, sample).catch(leaveGap)
    }
  }
}

/** No descriptors left, say, or no room on the disk: others tell of that, and the chart has a gap. */
function leaveGap(): null {
  return null
}

/** An attempt's file shall last for as long as it runs: each time it is full, twice as much time lies between looks. */
function isDue({ attempt, sampledAt }: Meter): boolean {
  const runsForMs = Math.max(1, Date.now() - attempt.record.startedAt)
  const doublings = Math.max(0, Math.ceil(Math.log2(runsForMs / (MAX_RECORDS * LOOK_MS))))
  // Half of that early rather than late: no timer comes at the very moment.
  return performance.now() - sampledAt >= LOOK_MS * 2 ** doublings - LOOK_MS / 2
}

/** Null while there is nothing to see: it has not begun, or it has ended. */
async function look(
  attempt: LiveAttempt,
  table: ProcessTable<ProcessUse> | null,
  slices: Slices
): Promise<UsageSample | null> {
  const { group } = attempt.processes.confinement
  const leader = attempt.directory.identity()?.bot
  if (!leader || !(group || table)) return null
  const processes: ProcessUse[] = group ? [] : treeOf([leader], attempt.processes.seen, table!)
  for (const pid of group?.processes() ?? []) {
    const use = useOf(pid)
    if (use) processes.push(use)
    if (slices.over) await slices.pause()
  }
  if (slices.over) await slices.pause()
  attempt.processes.seen = processes.map(({ pid, startTicks }) => ({ pid, startTicks }))
  const living = processes.filter(({ zombie }) => !zombie)
  if (living.length === 0) return null
  return {
    at: Date.now(),
    cpuMs: Math.round(group?.cpuMs() ?? total(processes, 'cpuMs')),
    memoryBytes: group?.memoryBytes() ?? total(living, 'memoryBytes'),
    pids: living.length
  }
}

async function keep(meter: Meter, sample: UsageSample): Promise<void> {
  meter.sampledAt = performance.now()
  await load(meter)
  const { cpuMs, memoryBytes, pids } = sample
  note(meter, { cpuMs, maxMemoryBytes: memoryBytes, maxPids: pids })
  meter.count = await addUsage(meter.attempt.directory.path, meter.count!, { ...sample, cpuMs: meter.summary!.cpuMs })
}

/** Goes on where the server before this one stopped. */
async function load(meter: Meter): Promise<void> {
  const { path } = meter.attempt.directory
  if (meter.count !== null) return
  const samples = existsSync(usageFile(path)) ? await readUsage(path) : []
  meter.count = samples.length
  for (const { cpuMs, memoryBytes, pids } of samples) note(meter, { cpuMs, maxMemoryBytes: memoryBytes, maxPids: pids })
}

/** Nothing of a summary ever falls. */
function note(meter: Meter, use: UsageSummary): void {
  const most = (a: number | null | undefined, b: number | null) => Math.max(a ?? 0, b ?? 0) || null
  meter.summary = {
    cpuMs: Math.max(meter.summary?.cpuMs ?? 0, use.cpuMs),
    maxMemoryBytes: most(meter.summary?.maxMemoryBytes, use.maxMemoryBytes),
    maxPids: most(meter.summary?.maxPids, use.maxPids)
  }
}

function total(processes: ProcessUse[], what: 'cpuMs' | 'memoryBytes'): number {
  return processes.reduce((sum, use) => sum + use[what], 0)
}
