/**
 * Loaded into a process before all else (`--import`): on SIGWINCH, which means nothing to a server, it
 * writes how late its event loop was since the last time.
 */
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

process.on('SIGWINCH', () => {
  // Between two samples lies the resolution, too, which is no delay.
  const late = (share: number) => Math.max(0, delay.percentile(share) / 1e6 - RESOLUTION_MS)
  writeFileSync(process.env.LOOP_DELAY_FILE!, JSON.stringify({ p50: late(50), p99: late(99), max: late(100) }))
  delay.reset()
})
