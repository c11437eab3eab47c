import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the kernel takes for a group at a time: it is refused no later than so much before the limit. */
const CHARGE_BYTES = 64 * 4096

/**
 * The control groups of one attempt: one in each tree that is used for it, all with the same processes in them. The bot
 * puts itself in before it begins, so whatever it starts is in them, too, whatever it does about its environment, its
 * session or its parent.
 *
 * A group can go at any time, by somebody's hand or with the machine: what is asked then is answered with nothing.
 */
export class AttemptGroup {
  readonly folders: readonly string[]
  readonly #found = new Map<string, string>()

  constructor(folders: readonly string[]) {
    this.folders = folders
  }

  /** Files into which a process writes 0 to enter. */
  get entrances(): string[] {
    return this.folders.map(folder => join(folder, 'cgroup.procs'))
  }

  /** @throws what mkdir does; groups that are there stay as they are. */
  make(): void {
    for (const folder of this.folders) makeGroup(folder)
  }

  /** Sets a file of the one group that has it. @throws when none has, or the kernel does not take the value. */
  set(file: string, value: string): void {
    writeFileSync(this.#find(file) ?? join(this.folders[0]!, file), value, { flag: 'r+' })
  }

  has(file: string): boolean {
    return this.#find(file) !== null
  }

  /** Pids of its processes, without those that have ended and that nobody has asked after. */
  processes(): number[] {
    return this.folders[0] ? processesIn(this.folders[0]) : []
  }

  /** Processor time of all that are or were in it, in milliseconds; null where the kernel does not count that. */
  cpuMs(): number | null {
    const nanoseconds = this.#read('cpuacct.usage')
    if (nanoseconds !== null) return Number(nanoseconds) / 1e6
    const microseconds = field(this.#read('cpu.stat', 'cgroup.controllers'), 'usage_usec')
    return microseconds === null ? null : microseconds / 1000
  }

  /** Memory in use, without what only caches files; null where the kernel does not count that by group. */
  memoryBytes(): number | null {
    const stat = this.#read('memory.stat')
    const v2 = this.#read('memory.current')
    const used = v2 ?? this.#read('memory.usage_in_bytes')
    if (stat === null || used === null) return null
    const [cached, shared] = v2 === null ? ['total_cache', 'total_shmem'] : ['file', 'shmem']
    // Memory that processes share counts as cache, too, but it is theirs.
    return Math.max(0, Number(used) - (field(stat, cached!) ?? 0) + (field(stat, shared!) ?? 0))
  }

  /** Whether it reached its limit of memory and the kernel ended a process for that. */
  ranOutOfMemory(): boolean {
    const events = this.#read('memory.events')
    const killed = field(events ?? this.#read('memory.oom_control'), 'oom_kill')
    // Whoever is ended because all of the machine has run out counts as killed here, too.
    return Number(killed) > 0 && (events === null ? this.#cameToItsLimit() : Number(field(events, 'oom')) > 0)
  }

  /** Whether it was refused a process for having as many as it may. */
  cameToItsProcesses(): boolean {
    return Number(field(this.#read('pids.events'), 'max')) > 0
  }

  /** Version 1 does not always count how often something was refused, but it knows how far the group has come. */
  #cameToItsLimit(): boolean {
    const limit = Number(this.#read('memory.limit_in_bytes'))
    return Number(this.#read('memory.max_usage_in_bytes')) >= limit - CHARGE_BYTES
  }

  /** Ends all of it at once, so that nothing it starts meanwhile escapes. What waits for a disk ends after that. */
  kill(): void {
    const all = this.#find('cgroup.kill')
    if (all) write(all, '1')
    else this.#killFrozen()
  }

  /** How that was done before there was a file for it. */
  #killFrozen(): void {
    const v1 = this.#find('freezer.state')
    const state = v1 ?? this.#find('cgroup.freeze')
    if (state) write(state, v1 ? 'FROZEN' : '1')
    try {
      for (const pid of this.processes()) kill(pid)
    } finally {
      if (state) write(state, v1 ? 'THAWED' : '0')
    }
  }

  /** False while processes are left in it. */
  remove(): boolean {
    return this.folders.map(removeGroup).every(gone => gone)
  }

  /** Where a file is; with `beside`, where that one is, too. Null when it is nowhere. */
  #find(file: string, beside = file): string | null {
    const known = this.#found.get(file)
    if (known) return known
    const folder = this.folders.find(each => existsSync(join(each, file)) && existsSync(join(each, beside)))
    if (!folder) return null
    this.#found.set(file, join(folder, file))
    return join(folder, file)
  }

  #read(file: string, beside = file): string | null {
    const path = this.#find(file, beside)
    return path && readIfThere(path)
  }
}

/** Makes a group and leaves one that is there as it is. @throws as mkdir does otherwise. */
export function makeGroup(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Removes a group and the groups in it. False while a process is left, or it cannot be looked into. */
export function removeGroup(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' || removeFromWithin(folder)
  }
}

function removeFromWithin(folder: string): boolean {
  try {
    const inner = groupsIn(folder)
    return inner.length > 0 && inner.map(removeGroup).every(gone => gone) && removeGroup(folder)
  } catch {
    return false // one of them has gone meanwhile, or there are no descriptors left
  }
}

/** Pids in a group and in those that its processes have made in it. */
function processesIn(folder: string): number[] {
  const own = readIfThere(join(folder, 'cgroup.procs'))?.split('\n').slice(0, -1).map(Number) ?? []
  return [...own, ...groupsIn(folder).flatMap(processesIn)]
}

function groupsIn(folder: string): string[] {
  // A folder of groups has a link more for each in it, and to list its many files costs more than to ask for that.
  if ((statSync(folder, { throwIfNoEntry: false })?.nlink ?? 0) <= 2) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => join(folder, entry.name))
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // the group is gone
  }
}

function write(path: string, value: string): void {
  try {
    writeFileSync(path, value, { flag: 'r+' })
  } catch (error) {
    if (!['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code!)) throw error // else the group is gone
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended a moment ago, or it runs as somebody else: that must not save those after it.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code!)) throw error
  }
}

/** A number out of lines of `name number`. */
function field(text: string | null, name: string): number | null {
  const match = text && new RegExp(`^${name} (\\d+)$`, 'm').exec(text)
  return match ? Number(match[1]) : null
}
