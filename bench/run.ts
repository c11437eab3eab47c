/** `npm run bench [name…]`: measures, prints a table and keeps it in results.json. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { type Bench, type Row, reached } from './support/row.ts'
import { stopAll } from './support/server.ts'

const PATIENCE_MS = 180_000
const RESULTS = join(import.meta.dirname, 'results.json')

const all = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && file !== basename(import.meta.filename))
  .map(file => file.slice(0, -3))
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${all.join(', ')}.`)
  process.exit(2)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(1)))
}

const records = readRecords()
let failed = false
print(['', 'ours', 'target', '', 'baseline'])
for (const name of asked.length > 0 ? asked : all) {
  try {
    const { default: bench } = (await import(join(import.meta.dirname, `${name}.ts`))) as { default: Bench }
    const rows = await inTime(bench())
    for (const row of rows) print(line(row))
    records[name] = { date: new Date().toISOString(), node: process.version, cpus: cpus().length, rows }
    writeFileSync(RESULTS, `${JSON.stringify(records, null, 2)}\n`)
  } catch (error) {
    failed = true
    console.error(`${name}: ${(error as Error).stack}`)
    await stopAll()
  }
}
// What was cut short may still hold a socket or a timer.
process.exit(failed ? 1 : 0)

/** The last measurement of each row; those that are not measured now stay. */
function readRecords(): Record<string, { date: string; node: string; cpus: number; rows: Row[] }> {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function line(row: Row): string[] {
  const target = row.target === null ? '' : `${row.more ? '≥' : '≤'} ${number(row.target)}`
  const verdict = { true: 'reached', false: 'MISSED', null: '' }[String(reached(row))]!
  const ratio = row.baseline
    ? `${number(row.baseline.value)}, ratio ${number(row.ours / row.baseline.value)}: ${row.baseline.what}`
    : ''
  return [row.what, `${number(row.ours)} ${row.unit}`, target, verdict, ratio]
}

function print([what, ours, target, verdict, baseline]: string[]): void {
  console.log(
    `${what!.padEnd(56)} ${ours!.padStart(12)} ${target!.padStart(9)} ${verdict!.padEnd(8)} ${baseline}`.trimEnd()
  )
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
