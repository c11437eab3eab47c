/**
 * Runs, with all their rounds, the tests that take only a few in `npm test`: those that ask for `rounds`; and those that take
 * minutes, `*.soak.ts`. Arguments are files to run instead. Each prints its seed; `SEED` repeats it.
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The longest of them, with a margin. */
const TIMEOUT_SECONDS = 3600

const root = join(import.meta.dirname, '..')
const asked = process.argv.slice(2)
const inRounds = globSync('test/**/*.test.ts', { cwd: root }).filter(file =>
  readFileSync(join(root, file), 'utf8').includes('/support/soak.ts')
)
const files = [...inRounds, ...globSync('test/**/*.soak.ts', { cwd: root })]

const args = ['test/run.ts', '--jobs=1', `--timeout=${TIMEOUT_SECONDS}`, ...(asked.length > 0 ? asked : files.sort())]
const run = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, SOAK: '1' } })
run.on('close', code => {
  process.exitCode = code ?? 1
})
