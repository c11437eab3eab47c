import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AttemptGroup } from '../../src/cgroups/attempt-group.ts'
import { AttemptGroups } from '../../src/cgroups/attempt-groups.ts'
import type { LimitName } from '../../src/cgroups/limits.ts'
import { eventually } from './wait.ts'

const here = new AttemptGroups('/the/tests')
here.close()

/**
 * Options for a test that needs the kernel to keep limits. Where it does not it is skipped by name on somebody's
 * machine; where everything must run (CI=true) it is not, and fails.
 */
export function needsLimits(...names: LimitName[]): { skip: string | false } {
  const missing = names.filter(name => !here.limits[name])
  const skip = missing.length > 0 && process.env.CI !== 'true'
  return { skip: skip && `no limit of ${missing.join(' and ')} can be kept on this machine` }
}

/** The control groups of the one attempt that a data folder has, as they are written down there. */
export function groupIn(dataDir: string): AttemptGroup {
  const [id] = readdirSync(join(dataDir, 'attempts'))
  return new AttemptGroup(JSON.parse(readFileSync(join(dataDir, 'attempts', id!, 'launch.json'), 'utf8')).cgroup)
}

export function isGone(group: AttemptGroup): boolean {
  return group.folders.every(folder => !existsSync(folder))
}

/** They go right after the end has been told. */
export function gone(group: AttemptGroup): Promise<boolean> {
  return eventually('the end of its groups', () => isGone(group))
}
