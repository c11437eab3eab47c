import type { ProcessIdentity } from './processes.ts'

interface Relative extends ProcessIdentity {
  parent: number
  session: number
}

/** All processes of the machine at about one moment. */
export interface ProcessTable<T extends Relative> {
  byPid: ReadonlyMap<number, T>
  byParent: ReadonlyMap<number, T[]>
  bySession: ReadonlyMap<number, T[]>
}

export function tableOf<T extends Relative>(all: T[]): ProcessTable<T> {
  return {
    byPid: new Map(all.map(each => [each.pid, each])),
    byParent: Map.groupBy(all, ({ parent }) => parent),
    bySession: Map.groupBy(all, ({ session }) => session)
  }
}

/**
 * The living of `leaders`, what is in their sessions, the living of `known`, and what descends from all these. A process
 * whose parent has ended descends from nobody, but may have been known before: so `known` is what this answered last.
 */
export function treeOf<T extends Relative>(
  leaders: ProcessIdentity[],
  known: ProcessIdentity[],
  table: ProcessTable<T>
): T[] {
  const still = ({ pid, startTicks }: ProcessIdentity) => {
    const there = table.byPid.get(pid)
    return there?.startTicks === startTicks ? [there] : []
  }
  const leading = leaders.flatMap(still)
  // A session has the number of its leader, which may be another's once that one has gone.
  const sessions = leading.flatMap(({ pid }) => table.bySession.get(pid) ?? [])
  const left = [...leading, ...sessions, ...known.flatMap(still)]
  const tree = new Map<number, T>()
  for (let next = left.pop(); next; next = left.pop()) {
    if (tree.has(next.pid)) continue
    tree.set(next.pid, next)
    left.push(...(table.byParent.get(next.pid) ?? []))
  }
  return [...tree.values()]
}
