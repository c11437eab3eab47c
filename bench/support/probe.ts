import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Asks the probe that was loaded into a process (`loop-probe.ts`, `collect-probe.ts`) for what it writes into `file`. */
export async function askProbe(pid: number, file: string): Promise<string> {
  rmSync(file, { force: true })
  process.kill(pid, 'SIGWINCH')
  while (!existsSync(file) || readFileSync(file).length === 0) await delay(5)
  return readFileSync(file, 'utf8')
}
