import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { Slices } from '../lib/slices.ts'
import { type ProcessIdentity, TICK_MS } from './processes.ts'

/** What a process uses, as /proc tells it. */
export interface ProcessUse extends ProcessIdentity {
  parent: number
  session: number
  /** Ended, but nobody has asked after it. */
  zombie: boolean
  /** Processor time of it, and of those it has started and asked after. */
  cpuMs: number
  /** Memory in RAM; what processes share counts for each. */
  memoryBytes: number
}

/** Null when it has gone. The fields are those of proc_pid_stat(5). */
export function useOf(pid: number): ProcessUse | null {
  let line: string
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0)
  return {
    pid,
    startTicks: fields[19]!,
    parent: Number(fields[1]),
    session: Number(fields[3]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    cpuMs: ticks * TICK_MS,
    memoryBytes: Number(fields[21]) * PAGE_BYTES
  }
}

/** What all processes of the machine use. */
export async function allUse(slices: Slices): Promise<ProcessUse[]> {
  const all: ProcessUse[] = []
  for (const name of await readdir('/proc')) {
    const use = /^\d+$/.test(name) ? useOf(Number(name)) : null
    if (use) all.push(use)
    if (slices.over) await slices.pause()
  }
  return all
}

/** What the kernel told this process when it started, in pairs of a type and a value: getauxval(3). */
const AT_PAGESZ = 6n
const auxiliary = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer)
const PAGE_BYTES = Number(auxiliary[auxiliary.findIndex((type, i) => i % 2 === 0 && type === AT_PAGESZ) + 1])
