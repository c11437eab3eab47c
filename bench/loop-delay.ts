/**
 * How late the server's event loop is while a bot prints as fast as it can: first with nobody who looks, then with a reader
 * of its stream. Beside it, in the same time, a process that does nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askProbe } from './support/probe.ts'
import type { Bench } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const PROBE = join(import.meta.dirname, 'support/loop-probe.ts')
const FLOOD = ['/bin/sh', '-c', `yes ${'x'.repeat(99)} | head -c 500000000`]

const bench: Bench = async () => {
  const ours = join(tmpdir(), `botyard-loop-${process.pid}`)
  const idle = `${ours}-idle`
  const probed = { NODE_OPTIONS: `--import=${PROBE} ${process.env.BENCH_NODE_OPTIONS ?? ''}`, LOOP_DELAY_FILE: ours }
  const beside = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {
    env: { ...process.env, NODE_OPTIONS: `--import=${PROBE}`, LOOP_DELAY_FILE: idle }
  })
  try {
    return await withServer(async server => {
      const late = async () => ({ ours: await lateness(server.pid, ours), idle: await lateness(beside.pid!, idle) })
      await late()
      const alone = await flood(server, () => late())
      const read = await flood(server, () => late(), true)
      const row = (what: string, { ours, idle }: Awaited<ReturnType<typeof late>>) => ({
        what: `event loop delay p99 while a bot prints 500 MB, ${what}`,
        ours,
        unit: 'ms',
        target: 15,
        baseline: { what: 'a process beside it that does nothing', value: idle }
      })
      return [row('nobody looks', alone), row('one reads along', read)]
    }, probed)
  } finally {
    await end(beside)
    for (const file of [ours, idle]) rmSync(file, { force: true })
  }
}

async function flood<T>(server: BenchServer, after: () => Promise<T>, isRead = false): Promise<T> {
  const bot = await server.makeBot(FLOOD)
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const stop = await server.onEnd(bot.id, () => resolve())
  const { id } = await server.start(bot)
  const reader = isRead ? readAlong(server, id) : null
  await ended
  const result = await after()
  stop()
  await reader
  return result
}

/** By curl, in a process of its own. */
async function readAlong(server: BenchServer, id: string): Promise<void> {
  const url = `${server.url}/api/executions/${id}/log/stream`
  const curl = spawn('curl', ['-sN', '-o', '/dev/null', '-H', `authorization: Bearer ${server.token}`, url])
  await once(curl, 'exit')
}

/** The 99th percentile since it was asked last, in milliseconds. */
async function lateness(pid: number, file: string): Promise<number> {
  return Number(await askProbe(pid, file))
}

async function end(process: ChildProcess): Promise<void> {
  const exit = once(process, 'exit')
  process.kill('SIGKILL')
  await exit
}

export default bench
