/**
 * A backup of a gigabyte of logs, as it is downloaded from a running server: how fast it comes, and what it takes in memory, of the
 * process that makes it and of the server, beside one of a tenth of that. Lines of 100 bytes, of which half is random.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { treeOf } from './support/process.ts'
import type { Bench, Row } from './support/row.ts'
import { type BenchServer, makeDataDir, startServer } from './support/server.ts'

const LOG_BYTES = 100e6
const LOGS = 10
const LINE_BYTES = 100
const LOOK_MS = 20
const SETTINGS = [{}, { BACKUP_PASSPHRASE: 'a dozen words or so' }]

interface Measured {
  seconds: number
  childMb: number
  serverMb: number
}

const bench: Bench = async () => {
  const dataDir = makeDataDir()
  try {
    const [small, smallEncrypted] = await measure(dataDir, 1, SETTINGS)
    const [large, encrypted] = await measure(dataDir, LOGS - 1, SETTINGS)
    const gigabyte = (LOG_BYTES * LOGS) / 1e6
    const memory = (what: string, ours: number, baseline: number): Row => ({
      what,
      ours,
      unit: 'MB',
      target: null,
      baseline: { what: 'of 100 MB', value: baseline }
    })
    const speed = (what: string, { seconds }: Measured): Row => ({
      what,
      ours: gigabyte / seconds,
      unit: 'MB/s',
      more: true,
      target: null
    })
    return [
      speed('backup of 1 GB', large!),
      speed('the same, encrypted', encrypted!),
      memory('most memory of the process that makes it', large!.childMb, small!.childMb),
      memory('the same, encrypted', encrypted!.childMb, smallEncrypted!.childMb),
      memory('most memory of the server meanwhile', large!.serverMb, small!.serverMb)
    ]
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Has so many more logs printed, and then a backup downloaded of a server with each of these settings. */
async function measure(dataDir: string, logs: number, settings: Record<string, string>[]): Promise<Measured[]> {
  const source = join(dataDir, 'lines')
  const line = () => `2026-11-22T10:00:00.123Z INFO worker ${randomBytes(25).toString('hex')}`.padEnd(LINE_BYTES - 1)
  writeFileSync(source, Array.from({ length: LOG_BYTES / LINE_BYTES / 10 }, () => `${line()}\n`).join(''))
  const printer = await startServer(dataDir)
  await printer.enter()
  for (let i = 0; i < logs; i++) {
    const script = `for i in 0 1 2 3 4 5 6 7 8 9; do cat ${source}; done`
    await printer.finished(['/bin/sh', '-c', script], { name: `prints ${logs} ${i}`, maxLogBytes: 2 * LOG_BYTES })
  }
  await printer.stop()
  rmSync(source)

  const measured: Measured[] = []
  for (const env of settings) {
    const server = await startServer(dataDir, env)
    await server.enter()
    measured.push(await download(server))
    await server.stop()
  }
  return measured
}

async function download(server: BenchServer): Promise<Measured> {
  const start = performance.now()
  const asked = fetch(`${server.url}/admin/backup`, { headers: { authorization: `Bearer ${server.token}` } })
  let isOver = false
  const most = (async () => {
    let childMb = 0
    while (!isOver) {
      for (const pid of treeOf(server.pid)) if (isBackup(pid)) childMb = Math.max(childMb, peakOf(pid))
      await delay(LOOK_MS)
    }
    return childMb
  })()
  const response = await asked
  if (response.status !== 200) throw new Error(`a backup was answered ${response.status}`)
  for await (const _ of response.body!) {
    // It is thrown away.
  }
  const seconds = (performance.now() - start) / 1000
  isOver = true
  return { seconds, childMb: await most, serverMb: peakOf(server.pid) }
}

const isBackup = (pid: number): boolean => fileOf(pid, 'cmdline').includes('backup/child.ts')

/** The most it ever had resident, in MB. */
function peakOf(pid: number): number {
  return (Number(/VmHWM:\s+(\d+) kB/.exec(fileOf(pid, 'status'))?.[1] ?? 0) * 1024) / 1e6
}

function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return '' // it has gone meanwhile
  }
}

export default bench
