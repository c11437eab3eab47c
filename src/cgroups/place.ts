/**
 * Where in a tree of version 2 groups may be made, and whether with controllers.
 *
 * A group that gives controllers on to those in it may have no processes of its own, apart from the very top. So limits
 * need a group that is ours to arrange and that can do without processes:
 *
 *   the group above ours, when a service manager made ours in it for us (systemd's `DelegateSubgroup=`)
 *   our own at the very top of the machine, which is exempt
 *   our own, once we have moved out of it, when it is all that a container sees or was given to our user
 *
 * Never a group that systemd runs a service or a session in, though we may be allowed to: it could not start anything
 * in that again while bots live.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeGroup } from './attempt-group.ts'
import type { Hierarchy } from './hierarchies.ts'

/** Where we move to. */
const LEAF = 'botyard-server'

const UNIT = /\.(service|scope|slice)$/
const RUNNING_UNIT = /\.(service|scope)$/

/** The group to make groups in, and which of `wanted` it can give them. May move this process into a group of its own. */
export function placeIn(hierarchy: Hierarchy, wanted: string[]): { parent: string; controllers: string[] } {
  const { folder, path } = hierarchy
  const above = dirname(folder)
  const can = (group: string) => words(join(group, 'cgroup.controllers')).filter(name => wanted.includes(name))
  if (basename(path) === LEAF || (RUNNING_UNIT.test(basename(dirname(path))) && !UNIT.test(basename(path))))
    return { parent: above, controllers: can(above) }
  const veryTop = path === '/' && !existsSync(join(folder, 'cgroup.type'))
  const controllers = veryTop || isGivenToUs(hierarchy) ? can(folder) : []
  if (controllers.length === 0 || veryTop || moveOut(folder)) return { parent: folder, controllers }
  return { parent: folder, controllers: [] }
}

/** Lets a group give controllers on; answers those that it did not give before. @throws as a write does. */
export function giveOn(group: string, controllers: string[]): string[] {
  const file = join(group, 'cgroup.subtree_control')
  const given = words(file)
  const more = controllers.filter(name => !given.includes(name))
  if (more.length > 0) writeFileSync(file, more.map(name => `+${name}`).join(' '), { flag: 'r+' })
  return more
}

export function takeBack(group: string, controllers: string[]): void {
  for (const name of controllers) {
    try {
      writeFileSync(join(group, 'cgroup.subtree_control'), `-${name}`, { flag: 'r+' })
    } catch {
      // Another group in it has come to need it.
    }
  }
}

/** Whoever is root may write anywhere, so for root that says nothing. */
function isGivenToUs({ folder, path }: Hierarchy): boolean {
  if (path === '/') return true
  const user = process.getuid!()
  return user !== 0 && !UNIT.test(basename(path)) && statSync(folder).uid === user
}

/** Moves all processes of our own group into one in it, provided that they are all of our family. */
function moveOut(folder: string): boolean {
  const leaf = join(folder, LEAF)
  // What starts while we move the others stays behind, and is moved in the next round.
  for (let round = 0; round < 10; round++) {
    try {
      const pids = words(join(folder, 'cgroup.procs')).map(Number)
      if (pids.length === 0) return true
      if (!pids.every(isFamily)) return false
      makeGroup(leaf)
      for (const pid of pids) writeFileSync(join(leaf, 'cgroup.procs'), String(pid), { flag: 'r+' })
    } catch {
      // One of them has just ended, or it is not ours to arrange after all; the next round tells.
    }
  }
  return false
}

/** Whether a process started us, or we it, with whoever stands between. */
function isFamily(pid: number): boolean {
  return ancestors(process.pid).includes(pid) || ancestors(pid).includes(process.pid)
}

/** A process and those it descends from, as far as we see them. */
function ancestors(pid: number): number[] {
  const line: number[] = []
  for (let next = pid; next > 0; ) {
    line.push(next)
    const stat = readFileSync(`/proc/${next}/stat`, 'utf8')
    next = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  }
  return line
}

function words(file: string): string[] {
  return readFileSync(file, 'utf8').split(/\s+/).filter(Boolean)
}
