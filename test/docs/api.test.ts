import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { ADMIN } from '../support/client.ts'
import { needsCommands } from '../support/needs.ts'

const PAGE = join(import.meta.dirname, '../../docs/api.md')

/** The commands of the page, each with what stands below it as its answer. */
function examples(): { command: string; answer: string | null }[] {
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)]
  return blocks.flatMap(([, kind, content], i) => {
    if (kind !== 'sh') return []
    const next = blocks[i + 1]
    return { command: content!, answer: next && next[1] !== 'sh' ? next[2]! : null }
  })
}

t.test('the examples of docs/api.md work as they stand', needsCommands('curl', 'jq', 'openssl'), async t => {
  const app = await buildApp(t)
  t.match(readFileSync(PAGE, 'utf8'), ADMIN.password, 'it signs in as the administrator there is')
  // One shell for all of them: what one keeps in a variable, others use.
  const mark = '--- the next example ---'
  const names = new Set(
    examples().flatMap(({ command }) => [...command.matchAll(/^(\w+)=\$\(/gm)].map(([, name]) => name))
  )
  const script = [
    'set -euo pipefail',
    ...examples().map(({ command }) => `${command}\necho '${mark}'`),
    ...[...names].map(name => `echo "${name}=$${name}"`)
  ]
  const shell = spawn('bash', ['-c', script.join('\n')], {
    env: { PATH: process.env.PATH, url: app.url },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const [stdout, stderr, code] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    new Promise(resolve => shell.on('close', resolve))
  ])
  t.equal(code, 0, stderr)
  const printed = stdout.split(`${mark}\n`)
  for (const [i, { command, answer }] of examples().entries()) {
    if (answer !== null) t.equal(printed[i], answer, command)
  }
  const values = printed.at(-1)!.trim().split('\n')
  t.equal(values.length, names.size)
  for (const value of values) t.match(value, /^\w+=(?!null$)./, 'what was kept for later was answered')
})
