import { readdirSync, readFileSync } from 'node:fs'

/** Processes that belong to a data folder: wrappers and relays by their arguments, bots by the mark in their environment. */
export function processesOf(dataDir: string): { pid: number; command: string }[] {
  const attempts = new Set(list(`${dataDir}/attempts`))
  const found: { pid: number; command: string }[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const mark = /(?:^|\0)BOTYARD_ATTEMPT=([^\0]+)/.exec(readFileSync(`/proc/${name}/environ`, 'latin1'))
      if (command.includes(`${dataDir}/attempts/`) || (mark && attempts.has(mark[1]!)))
        found.push({ pid: Number(name), command })
    } catch {
      // it has gone meanwhile
    }
  }
  return found
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
