/**
 * Runs the tests: a line for each file, of what failed all that is known, and at the end `N passed, N failed`. Arguments go to
 * tap: files to run, for example.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Parser, type Result } from 'tap-parser'

const root = join(import.meta.dirname, '..')
const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')
const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')

// tap is installed with a plugin that compiles TypeScript, which Node does by itself here: it is built anew without it, once.
if (readFileSync(built, 'utf8').includes('@tapjs/typescript')) {
  const build = spawnSync(process.execPath, [tap, 'build'], { cwd: root, stdio: 'inherit' })
  if (build.status !== 0) process.exit(build.status ?? 1)
}

const count = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

/** What is known of a file's tests once it has ended. */
interface FileReport {
  tests: number
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
  const report: FileReport = { tests: 0, failed: [], output: [] }
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

const parser = new Parser()
let latest: FileReport | null = null
parser.on('child', file => {
  latest = follow(file)
})
parser.on('assert', (file: Result) => {
  if (file.name === 'timeout!') return // of a file that was told of before
  const { tests, failed, output } = latest ?? { tests: 0, failed: ['it holds no test'], output: [] }
  if (!latest) count.failed++
  latest = null
  const seconds = ((file.time ?? 0) / 1000).toFixed(1)
  const good = failed.length === 0
  console.log(`${good ? 'ok' : 'not ok'} ${file.name} # ${tests - failed.length} of ${tests} in ${seconds} s`)
  process.stdout.write(output.join(''))
  failures.push(...failed.map(test => `not ok ${file.name}: ${test}`))
})

const run = spawn(process.execPath, [tap, '--reporter=tap', ...process.argv.slice(2)], {
  cwd: root,
  // Each file is a process, which loads much the same as the one before it.
  env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') },
  stdio: ['ignore', 'pipe', 'inherit']
})
run.stdout.pipe(parser)
const ended = new Promise(resolve => parser.on('complete', resolve))
const exitCode = await new Promise<number>(resolve => run.on('close', code => resolve(code ?? 1)))
await ended
if (exitCode !== 0 && count.failed === 0) {
  count.failed++
  failures.push(`not ok: tap ended with ${exitCode}`)
}
if (failures.length > 0) console.log(`\n${failures.join('\n')}`)
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
process.exitCode = count.failed > 0 ? 1 : 0
