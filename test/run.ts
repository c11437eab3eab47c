/** Runs the tests and ends with `N passed, N failed`. Arguments go to tap: files to run, for example. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FinalResults, Parser, type Result } from 'tap-parser'

const root = join(import.meta.dirname, '..')
const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')
const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')

// tap is installed with a plugin that compiles TypeScript, which Node does by itself here: it is built anew without it, once.
if (readFileSync(built, 'utf8').includes('@tapjs/typescript')) {
  const build = spawnSync(process.execPath, [tap, 'build'], { cwd: root, stdio: 'inherit' })
  if (build.status !== 0) process.exit(build.status ?? 1)
}

const count = { passed: 0, failed: 0, skipped: 0 }
const parser = new Parser()
// A file's tests are its subtests: one named behaviour each. What lies deeper are their assertions.
parser.on('child', file => {
  let tests = 0
  file.on('assert', (result: Result) => {
    tests++
    if (result.skip) count.skipped++
    else if (result.ok) count.passed++
    else count.failed++
  })
  file.on('complete', (results: FinalResults) => {
    // A file that breaks outside of its tests, or holds none, is a failure of its own.
    if (tests === 0 || (!results.ok && results.fail === 0)) count.failed++
  })
})

const run = spawn(process.execPath, [tap, '--reporter=tap', ...process.argv.slice(2)], {
  cwd: root,
  // Each file is a process, which loads much the same as the one before it.
  env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') },
  stdio: ['ignore', 'pipe', 'inherit']
})
run.stdout.on('data', chunk => process.stdout.write(chunk))
run.stdout.pipe(parser)
const exitCode = await new Promise<number>(resolve => run.on('close', code => resolve(code ?? 1)))
if (exitCode !== 0 && count.failed === 0) count.failed++
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
process.exitCode = count.failed > 0 ? 1 : 0
