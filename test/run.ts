/**
 * Runs the tests: a line for each file, of what failed all that is known, and at the end `N passed, N failed`. Arguments are
 * the files to run; without any it is all of them. `--jobs` says how many at a time, `--timeout` how many seconds each may take,
 * `--shard=2/4` that it is the second of four machines which have them all between them.
 *
 * tap's own runner is not used: it loads what measures coverage into each Node that a test starts, servers too.
 */
import { spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { Parser, type Result } from 'tap-parser'
import { shardOf } from './support/shard.ts'

const root = join(import.meta.dirname, '..')
const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')

/** More than two processors can do at once, as tests wait for much of their time. */
const JOBS = '4'
/** A deadline, not a measurement. */
const TIMEOUT_SECONDS = '300'
/** What a file that has not ended in time is given to say what it waits for. */
const LAST_WORDS_MS = 10_000

// tap comes with a plugin that compiles TypeScript, which Node does by itself here: it is built anew without it, once.
if (readFileSync(built, 'utf8').includes('@tapjs/typescript')) {
  const build = spawnSync(process.execPath, [join(root, 'node_modules/tap/dist/esm/run.mjs'), 'build'], {
    cwd: root,
    stdio: 'inherit'
  })
  if (build.status !== 0) process.exit(build.status ?? 1)
}

const count = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

/** What is known of a file's tests once it has ended. */
interface FileReport {
  tests: number
  good: number
  failed: string[]
  /** What those that failed have to say. */
  output: string[]
}

/** The lines a parser reads, but for assertions that held. */
function linesOf(parser: Parser): string[] {
  const lines: string[] = []
  parser.on('line', line => {
    if (!/^\s*ok \d/.test(line)) lines.push(line)
  })
  return lines
}

/** A file's tests are its subtests: one named behaviour each. What lies deeper are their assertions. */
function follow(file: Parser): FileReport {
  const report: FileReport = { tests: 0, good: 0, failed: [], output: [] }
  const all = linesOf(file)
  let lines: string[] = []
  const fail = (test: string, output: string[]) => {
    count.failed++
    report.failed.push(test)
    report.output.push(...output)
  }
  file.on('child', (test: Parser) => {
    lines = linesOf(test)
  })
  file.on('assert', (result: Result) => {
    report.tests++
    if (result.ok) report.good++
    if (result.skip) count.skipped++
    else if (result.ok) count.passed++
    else fail(result.name, lines.length > 0 ? lines : [inspect(result.diag), '\n'])
    lines = []
  })
  file.on('complete', results => {
    // One that breaks outside of its tests, or holds none, is a failure of its own.
    if (report.tests === 0 || (!results.ok && results.fail === 0)) fail('outside of its tests', all)
  })
  return report
}

/** Runs a file in a process of its own, and tells of it when it has ended. */
async function runFile(file: string, timeoutSeconds: number): Promise<void> {
  const start = performance.now()
  const parser = new Parser()
  const report = follow(parser)
  const run = spawn(process.execPath, [file], {
    cwd: root,
    env: {
      ...process.env,
      TAP: '1',
      TAP_TIMEOUT: String(timeoutSeconds),
      // Each file is a process, which loads much the same as the one before it.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node')
    },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const deadline = setTimeout(() => run.kill('SIGKILL'), timeoutSeconds * 1000 + LAST_WORDS_MS)
  const parsed = new Promise(resolve => parser.on('complete', resolve))
  run.stdout.pipe(parser)
  const [exitCode, signal] = await new Promise<[number | null, string | null]>(resolve =>
    run.on('close', (...how) => resolve(how))
  )
  clearTimeout(deadline)
  await parsed
  if (exitCode !== 0 && report.failed.length === 0) {
    count.failed++
    report.failed.push(`it ended with ${signal ?? exitCode}`)
  }
  const { tests, good, failed, output } = report
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${failed.length === 0 ? 'ok' : 'not ok'} ${file} # ${good} of ${tests} in ${seconds} s`)
  process.stdout.write(output.join(''))
  failures.push(...failed.map(test => `not ok ${file}: ${test}`))
}

const { values, positionals } = parseArgs({
  options: {
    jobs: { type: 'string', default: JOBS },
    timeout: { type: 'string', default: TIMEOUT_SECONDS },
    shard: { type: 'string', default: '1/1' }
  },
  allowPositionals: true
})
/** Neighbours are alike: some keep all processors busy, some do nothing but wait. So they are dealt out, always the same way. */
const dealt = (files: string[]) => files.sort((a, b) => (hash('sha256', a) < hash('sha256', b) ? -1 : 1))
const files = positionals.length > 0 ? positionals : dealt(globSync('test/**/*.test.ts', { cwd: root }))
const waiting = shardOf(files, values.shard)
const work = async () => {
  for (let file = waiting.shift(); file; file = waiting.shift()) await runFile(file, Number(values.timeout))
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
if (failures.length > 0) console.log(`\n${failures.join('\n')}`)
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
process.exitCode = count.failed > 0 ? 1 : 0
