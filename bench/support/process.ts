/** What /proc says of a process and of those it has started. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** USER_HZ, which is 100 wherever Linux runs on the machines we support. */
const TICKS_PER_SECOND = 100

/** In MB (10⁶ bytes): all its resident pages, and the same with each shared page split among those who share it. */
export function memoryOf(pid: number): { rss: number; pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  return { rss: kilobytes(rollup, 'Rss'), pss: kilobytes(rollup, 'Pss') }
}

/** Forgets the peak, so that {@link peakRss} tells of what comes. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** The most it has had resident since {@link resetPeak}, in MB. */
export function peakRss(pid: number): number {
  return kilobytes(readFileSync(`/proc/${pid}/status`, 'latin1'), 'VmHWM')
}

/** User and system time so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid)
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** The process and all its descendants. */
export function treeOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .map(candidate => ({ pid: candidate, parent: parentOf(candidate) }))
  const tree = [pid]
  for (const member of tree) tree.push(...parents.filter(p => p.parent === member).map(p => p.pid))
  return tree
}

function parentOf(pid: number): number | null {
  try {
    return Number(statFields(pid)[1])
  } catch {
    return null // gone meanwhile
  }
}

/** From the third field on: the name before it may hold anything. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function kilobytes(text: string, name: string): number {
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)![1]) * 1024) / 1e6
}
