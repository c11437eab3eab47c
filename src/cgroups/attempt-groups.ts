/**
 * Control groups for attempts of bots with limits: the kernel holds a bot to them, counts what it uses, and ends it whole,
 * whatever it did to hide. The bot's shell enters before the bot begins (`wrapper.sh`); the wrapper and the relay stay
 * outside, or what records the end would end with it. To enter, a process waits some milliseconds for the kernel, so a
 * bot without limits does without.
 *
 * What can be made depends on the machine, so each thing is tried once, at the start:
 *
 *   version 1    each controller has a tree of its own; groups are made in our own group of each
 *   version 2    a group that gives controllers on may have no processes; so where we may not arrange for that
 *                (`place.ts`), groups are made without controllers, which is enough to end and to count
 *   both         version 2 to end and to count, version 1 for limits
 *   nothing      everything works without; limits are not kept, and that is said
 */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import { AttemptGroup, makeGroup, removeGroup } from './attempt-group.ts'
import { type Hierarchy, hierarchiesOf } from './hierarchies.ts'
import { LIMITS, type LimitName, type Limits, limitsIn, limitsSet, NO_LIMITS } from './limits.ts'
import { giveOn, placeIn, takeBack } from './place.ts'

/**
 * How soon to try again to remove groups in which something still lives, and how rarely at last: what is just ending goes
 * at once, what an attempt has left behind may stay for days.
 */
const REMOVE_AGAIN_MS = 50
const REMOVE_AT_LAST_MS = 60_000

/** What `cpu.cfs_period_us` is where nobody has set it, and the least quota that is taken. */
const CPU_PERIOD_US = 100_000
const MIN_CPU_QUOTA_US = 1000

const CONTROLLERS = { memory: 'memory', cpus: 'cpu', pids: 'pids' } as const

/** For trying: small enough for whatever limit we are under ourselves. */
const TRIAL: Record<LimitName, Limits> = {
  memory: { ...NO_LIMITS, memoryBytes: 2 ** 20 },
  cpus: { ...NO_LIMITS, cpus: 0.01 },
  pids: { ...NO_LIMITS, pids: 1 }
}

/** Where the groups of this server's attempts are made in one tree. */
interface Place {
  /** The group above `base`. */
  parent: string
  /** The group that holds those of the attempts. */
  base: string
  /** Controllers that `base` must give on to them; only version 2 has to be told. */
  gives: string[]
  /** Those that `parent` gives on because we said so. */
  given: string[]
}

/** How an attempt is held. */
export interface Confinement {
  /** Null where there is none. */
  group: AttemptGroup | null
  limits: Limits
  /** Those of its limits that the kernel was told to keep. */
  kept: LimitName[]
}

/** The same, written down for the next server. What is left out was not known to the server that wrote it. */
export interface ConfinementRecord {
  limits?: Limits
  /** Those of the limits that the kernel was told to keep. */
  kept?: LimitName[]
  /** Folders of its control groups; null when it has none. */
  cgroup?: readonly string[] | null
}

export const UNCONFINED: Confinement = { group: null, limits: NO_LIMITS, kept: [] }

export class AttemptGroups {
  /** Which limits can be kept on this machine. */
  readonly limits: Readonly<Record<LimitName, boolean>>
  /** To end and to count, by tree. */
  readonly #plain = new Map<Hierarchy, Place>()
  /** To keep a limit as well, instead of the plain one of the same tree. */
  readonly #limiting = new Map<LimitName, { hierarchy: Hierarchy; place: Place }>()
  readonly #leaving = new Set<AttemptGroup>()
  #timer: NodeJS.Timeout | null = null

  /** `hierarchies`: the trees to make groups in. */
  constructor(dataDir: string, hierarchies: Hierarchy[] = ownHierarchies()) {
    const name = `botyard-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`
    const v2 = hierarchies.find(({ version }) => version === 2)
    if (v2) this.#tryVersion2(v2, name)
    const canEnd = this.#plain.size > 0
    for (const each of hierarchies) if (each.version === 1) this.#tryVersion1(each, name, !canEnd)
    const keeps = (limit: LimitName) => this.#limiting.has(limit)
    this.limits = { memory: keeps('memory'), cpus: keeps('cpus'), pids: keeps('pids') }
  }

  /** Makes the group of an attempt; one that is there gets the limits. Where that fails the attempt runs without. */
  make(attemptId: string, limits: Limits): Confinement {
    const names = limitsSet(limits)
    const places = names.length > 0 ? new Map(this.#plain) : new Map<Hierarchy, Place>()
    for (const name of names) {
      const limiting = this.#limiting.get(name)
      if (limiting) places.set(limiting.hierarchy, limiting.place)
    }
    if (places.size === 0) return { ...UNCONFINED, limits }
    const group = new AttemptGroup([...places.values()].map(({ base }) => join(base, attemptId)))
    try {
      make(group, [...places.values()])
      return { group, limits, kept: keep(group, limits) }
    } catch {
      group.remove()
      return { ...UNCONFINED, limits }
    }
  }

  /** How a server before this one held an attempt, by what it wrote down; that may have been spoilt since. */
  find(attemptId: string, record: ConfinementRecord | null): Confinement {
    const limits = limitsIn(record?.limits)
    const kept = LIMITS.filter(name => Array.isArray(record?.kept) && record.kept.includes(name))
    const folders: unknown = record?.cgroup
    if (!Array.isArray(folders) || !folders.every(folder => isGroupOf(attemptId, folder)))
      return { group: null, limits, kept }
    const group = new AttemptGroup(folders)
    // For a service to be restarted, its controllers may have been taken back, and the limits with them.
    for (const place of this.#places()) if (folders.includes(join(place.base, attemptId))) tryGive(place)
    keep(group, limits)
    return { group, limits, kept }
  }

  /** Removes the group of an attempt that has ended, now or once what it left behind has ended, too. */
  remove(group: AttemptGroup): void {
    if (group.remove()) return
    this.#leaving.add(group)
    this.#removeLater(REMOVE_AGAIN_MS)
  }

  /** Removes what servers before this one did not come to remove. */
  removeAllBut(attemptIds: ReadonlySet<string>): void {
    for (const { base } of this.#places()) {
      for (const id of groupsIn(base)) if (!attemptIds.has(id)) this.remove(new AttemptGroup([join(base, id)]))
    }
  }

  /** Leaves the machine as it was found, but for the groups of attempts that live. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    for (const place of this.#places()) unmake(place)
  }

  #places(): Set<Place> {
    return new Set([...this.#plain.values(), ...[...this.#limiting.values()].map(({ place }) => place)])
  }

  #removeLater(delayMs: number): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      for (const group of this.#leaving) if (group.remove()) this.#leaving.delete(group)
      if (this.#leaving.size > 0) this.#removeLater(Math.min(delayMs * 2, REMOVE_AT_LAST_MS))
    }, delayMs).unref()
  }

  #tryVersion1(hierarchy: Hierarchy, name: string, toEnd: boolean): void {
    const { controllers, folder } = hierarchy
    const place: Place = { parent: folder, base: join(folder, name), gives: [], given: [] }
    for (const limit of LIMITS) {
      if (controllers.includes(CONTROLLERS[limit]) && works(place, TRIAL[limit]))
        this.#limiting.set(limit, { hierarchy, place })
    }
    const endsOrCounts = controllers.includes('freezer') || controllers.includes('cpuacct')
    if (toEnd && endsOrCounts && works(place, NO_LIMITS)) this.#plain.set(hierarchy, place)
  }

  #tryVersion2(hierarchy: Hierarchy, name: string): void {
    if (!existsSync(join(hierarchy.folder, 'cgroup.procs'))) return // something else lies over it
    const { parent, controllers } = placeIn(hierarchy, Object.values(CONTROLLERS))
    const plain: Place = { parent, base: join(parent, name), gives: [], given: [] }
    if (!works(plain, NO_LIMITS)) return
    this.#plain.set(hierarchy, plain)
    const place: Place = { parent, base: join(parent, `${name}-limited`), gives: controllers, given: [] }
    for (const limit of LIMITS) {
      if (controllers.includes(CONTROLLERS[limit]) && works(place, TRIAL[limit]))
        this.#limiting.set(limit, { hierarchy, place })
    }
  }
}

function ownHierarchies(): Hierarchy[] {
  if (!existsSync('/proc/self/cgroup')) return [] // a kernel without them
  return hierarchiesOf(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** Really makes a group with limits, and removes it. */
function works(place: Place, limits: Limits): boolean {
  const trial = new AttemptGroup([join(place.base, 'trial')])
  try {
    make(trial, [place])
    // Into a group of version 2 goes who may write to it, and to the group above both where he is and where he goes.
    accessSync(trial.entrances[0]!, constants.W_OK)
    accessSync(join(place.parent, 'cgroup.procs'), constants.W_OK)
    return keep(trial, limits).length === limitsSet(limits).length
  } catch {
    return false
  } finally {
    trial.remove()
    unmake(place)
  }
}

/** What is above the group may be gone, or may have had its controllers taken back: that is looked after each time. */
function make(group: AttemptGroup, places: Place[]): void {
  for (const place of places) {
    makeGroup(place.base)
    give(place)
  }
  group.make()
}

function give(place: Place): void {
  if (place.gives.length === 0) return
  place.given.push(...giveOn(place.parent, place.gives))
  giveOn(place.base, place.gives)
}

function tryGive(place: Place): void {
  try {
    give(place)
  } catch {
    // The group is gone: so is what was in it.
  }
}

function unmake(place: Place): void {
  if (groupsIn(place.base).length > 0 || !removeGroup(place.base)) return
  takeBack(place.parent, place.given)
  place.given = []
}

/** Sets the limits; answers which of them the kernel has taken. */
function keep(group: AttemptGroup, limits: Limits): LimitName[] {
  return limitsSet(limits).filter(name => {
    try {
      SET[name](group, limits)
      return true
    } catch {
      return false // no controller for it, or a limit above us that is lower
    }
  })
}

const SET: Record<LimitName, (group: AttemptGroup, limits: Limits) => void> = {
  memory: (group, { memoryBytes }) => {
    const v2 = group.has('memory.max')
    group.set(v2 ? 'memory.max' : 'memory.limit_in_bytes', String(memoryBytes))
    // Without that it would go on in swap, for ever slower. Not every kernel counts swap.
    if (group.has('memory.swap.max')) group.set('memory.swap.max', '0')
    if (group.has('memory.memsw.limit_in_bytes')) group.set('memory.memsw.limit_in_bytes', String(memoryBytes))
  },
  cpus: (group, { cpus }) => {
    const quota = Math.max(MIN_CPU_QUOTA_US, Math.round(cpus! * CPU_PERIOD_US))
    if (group.has('cpu.max')) group.set('cpu.max', `${quota} ${CPU_PERIOD_US}`)
    else group.set('cpu.cfs_quota_us', String(quota))
  },
  pids: (group, { pids }) => group.set('pids.max', String(pids))
}

/** A bot can write into its own folder, so what stands there is looked at before anything is done to it. */
function isGroupOf(attemptId: string, folder: unknown): boolean {
  return (
    typeof folder === 'string' &&
    isAbsolute(folder) &&
    normalize(folder) === folder &&
    basename(folder) === attemptId &&
    /^botyard-[0-9a-f]{12}(-limited)?$/.test(basename(dirname(folder)))
  )
}

function groupsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name)
  } catch {
    return [] // there is none
  }
}
