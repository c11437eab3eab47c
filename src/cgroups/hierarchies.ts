import { join } from 'node:path'

/** One tree of control groups, and our own place in it. */
export interface Hierarchy {
  version: 1 | 2
  /** What is bound to a tree of version 1. What version 2 has to give stands in the files of its groups. */
  controllers: string[]
  /** The folder of our own group. */
  folder: string
  /** The same as a path from the top that we may see: `/` in a container that sees nothing above its own group. */
  path: string
}

interface Mount {
  point: string
  /** The group that stands at `point`. */
  root: string
  version: 1 | 2
  options: string[]
}

/**
 * The trees this process is in and can reach for writing, out of /proc/self/cgroup and /proc/self/mountinfo
 * (cgroups(7), proc_pid_mountinfo(5)). Pure.
 */
export function hierarchiesOf(cgroup: string, mountinfo: string): Hierarchy[] {
  const mounts = mountinfo.split('\n').flatMap(line => mountOf(line) ?? [])
  return cgroup.split('\n').flatMap(line => {
    const [, list, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (list === undefined || path === undefined || list.startsWith('name=')) return []
    const version = list === '' ? 2 : 1
    const controllers = list === '' ? [] : list.split(',')
    const mount = mounts.find(
      ({ version: of, root, options }) =>
        of === version && controllers.every(name => options.includes(name)) && within(path, root) !== null
    )
    return mount ? [{ version, controllers, folder: join(mount.point, within(path, mount.root)!), path }] : []
  })
}

/** Null for what is no tree of groups, or is mounted for reading only. */
function mountOf(line: string): Mount | null {
  const [, , , root, point, flags, ...rest] = line.split(' ')
  const [type, , options] = rest.slice(rest.indexOf('-') + 1)
  if (!root || !point || !options || !flags?.split(',').includes('rw')) return null
  if (type !== 'cgroup' && type !== 'cgroup2') return null
  return {
    point: unescaped(point),
    root: unescaped(root),
    version: type === 'cgroup2' ? 2 : 1,
    options: options.split(',')
  }
}

/** `path` as seen from `root`; null when it lies elsewhere, as that of a process outside its namespace does. */
function within(path: string, root: string): string | null {
  if (path.split('/').includes('..')) return null
  if (root === '/' || path === root) return path === root ? '/' : path
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null
}

/** Blanks and the like stand as octal numbers in mountinfo. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)))
}
