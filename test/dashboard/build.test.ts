import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { requireBuild } from '../support/build.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const PUBLIC = join(ROOT, 'public')

t.before(requireBuild)

/** What the page names, and the worker that it starts. */
function firstLoad(): string[] {
  const page = readFileSync(join(PUBLIC, 'index.html'), 'utf8')
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, file]) => file!)
  const worker = readdirSync(join(PUBLIC, 'assets')).filter(name => /^worker-.*\.js$/.test(name))
  return ['index.html', ...named, ...worker.map(name => `assets/${name}`)]
}

/** Outside of the repository: what is in there would find the packages that are installed here. */
function elsewhere(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'botyard-build-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test('what the first page needs is at most 150 kB, compressed', async t => {
  const files = firstLoad()
  t.ok(
    files.some(file => file.endsWith('.js')) && files.some(file => file.endsWith('.css')) && files.length >= 5,
    files.join(' ')
  )
  const bytes = files.map(file => statSync(join(PUBLIC, `${file}.gz`)).size)
  const sum = bytes.reduce((a, b) => a + b)
  t.ok(sum <= 150_000, `${sum} bytes`)
  t.comment(`first load: ${sum} bytes with gzip`)
})

t.test('the page holds no script and no style of its own, which its policy would refuse', async t => {
  const page = readFileSync(join(PUBLIC, 'index.html'), 'utf8')
  t.notMatch(page, /<style|style=|<script(?![^>]*src=)|\son[a-z]+=/)
})

t.test(
  'without Vite, as in an installation without development packages, the build is left out, and what was built before stays',
  async t => {
    const folder = elsewhere(t)
    mkdirSync(join(folder, 'public'))
    writeFileSync(join(folder, 'public/index.html'), 'built before')
    for (const file of ['src/commands/build-dashboard.ts', 'package.json']) cpSync(join(ROOT, file), join(folder, file))
    const { stdout } = await run(process.execPath, [join(folder, 'src/commands/build-dashboard.ts')])
    t.match(stdout, /Vite is not installed, so the dashboard was not built/)
    t.equal(readFileSync(join(folder, 'public/index.html'), 'utf8'), 'built before')
  }
)
