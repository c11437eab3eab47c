/**
 * Loaded into a process before all else (`--import`): on SIGWINCH, which means nothing to a server, it
 * writes the 99th percentile of how late its event loop was since the last time, in milliseconds.
 */
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

process.on('SIGWINCH', () => {
  // Between two samples lies the resolution, too, which is no delay.
  writeFileSync(process.env.LOOP_DELAY_FILE!, String(Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS)))
  delay.reset()
})
