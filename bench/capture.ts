/**
 * A bot that prints a million lines of 100 bytes as fast as it can: `yes | head`, about the quickest that a machine has.
 * Alone, into a file, against under Botyard, from the API call until the database says that it has ended. Then again
 * while something asks for /health a hundred times a second, and asks as often a server that does nothing else.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startBareServer } from './support/bare-server.ts'
import { cpuSeconds, memoryOf, peakRss, resetPeak } from './support/process.ts'
import { type Bench, median, percentile } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const ROUNDS = 7
const PROBED_ROUNDS = 5
const LINES = 1_000_000
const LINE = 'x'.repeat(99)
const COMMAND = `yes ${LINE} | head -n ${LINES}`
const PROBE_EVERY_MS = 10

const bench: Bench = () =>
  withServer(async server => {
    const flood = await makeFlood(server)
    await flood.run()

    const alone: number[] = []
    const relayed: number[] = []
    const ours: number[] = []
    const growth: number[] = []
    const cpu: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(runAlone(`(${COMMAND}) >"$0"`, join(server.dataDir, 'alone')))
      relayed.push(runAlone(`(${COMMAND}) | cat >>"$0"`, join(server.dataDir, 'relayed')))
      const memoryBefore = memoryOf(server.pid).rss
      const cpuBefore = cpuSeconds(server.pid)
      resetPeak(server.pid)
      ours.push(await flood.run())
      cpu.push((cpuSeconds(server.pid) - cpuBefore) * 1000)
      growth.push(peakRss(server.pid) - memoryBefore)
    }

    const health: number[] = []
    const bareHealth: number[] = []
    const bare = await startBareServer()
    const probes = [probe(`${server.url}/health`, health), probe(bare.url, bareHealth)]
    for (let round = 0; round < PROBED_ROUNDS; round++) await flood.run()
    await Promise.all(probes.map(end => end()))
    await bare.stop()
    await flood.checkLogs()

    return [
      {
        what: 'a million lines, API call to recorded end',
        ours: median(ours),
        unit: 'ms',
        target: 1.25 * median(alone),
        baseline: { what: 'the bot alone, into a file', value: median(alone) }
      },
      {
        what: 'the same, against bot | cat >> file',
        ours: median(ours),
        unit: 'ms',
        target: null,
        baseline: { what: 'bot | cat >> file', value: median(relayed) }
      },
      { what: "the server's CPU for it", ours: median(cpu), unit: 'ms', target: 200 },
      { what: "growth of the server's memory, most", ours: Math.max(...growth), unit: 'MB', target: 30 },
      ...[0.5, 0.99].map(share => ({
        what: `/health meanwhile, p${share * 100}`,
        ours: percentile(health, share),
        unit: 'ms',
        target: share === 0.5 ? null : 20,
        baseline: { what: 'a server that does nothing else', value: percentile(bareHealth, share) }
      }))
    ]
  })

/** The bot under Botyard: `run` answers how long it took; `checkLogs` compares what was kept with what was printed. */
async function makeFlood(server: BenchServer): Promise<{ run: () => Promise<number>; checkLogs: () => Promise<void> }> {
  const bot = await server.makeBot(['/bin/sh', '-c', COMMAND])
  const ids: string[] = []
  let ended = () => {}
  const stop = await server.onEnd(bot.id, () => ended())
  return {
    run: async () => {
      const start = performance.now()
      const end = new Promise<void>(resolve => {
        ended = resolve
      })
      ids.push((await server.start(bot)).id)
      await end
      return performance.now() - start
    },
    checkLogs: async () => {
      stop()
      const expected = sha256(Buffer.from(`${LINE}\n`.repeat(LINES)))
      for (const id of ids) {
        if (sha256(await server.downloadLog(id)) !== expected) throw new Error('a log is not what the bot printed')
      }
    }
  }
}

function runAlone(script: string, file: string): number {
  const start = performance.now()
  const { status } = spawnSync('/bin/sh', ['-c', script, file], { stdio: 'inherit' })
  const time = performance.now() - start
  rmSync(file)
  if (status !== 0) throw new Error(`${script} ended with ${status}`)
  return time
}

/** Asks at a steady pace, whether or not the answer before has come; what it returns ends that and awaits the last. */
function probe(url: string, latencies: number[]): () => Promise<unknown> {
  const asked: Promise<unknown>[] = []
  const timer = setInterval(() => {
    const start = performance.now()
    const answered = fetch(url).then(response => response.text())
    asked.push(answered.then(() => latencies.push(performance.now() - start)))
  }, PROBE_EVERY_MS)
  return () => {
    clearInterval(timer)
    return Promise.all(asked)
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

export default bench
