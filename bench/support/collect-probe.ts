/**
 * Loaded into a process before all else (`--import`): on SIGWINCH, which means nothing to a server, it collects all garbage
 * and writes what it then has resident, in MB.
 */
import { writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

process.on('SIGWINCH', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  collect()
  writeFileSync(process.env.MEMORY_FILE!, String(process.memoryUsage.rss() / 1e6))
})
