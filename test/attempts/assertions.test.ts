import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { CreateBot } from '../../src/bots/bot.ts'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import type { Client } from '../support/client.ts'
import { lockForWriting } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { printing, seededRandom } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const shell = (script: string) => ['/bin/sh', '-c', script]
const asking = (asked: { mustPrint?: string[]; mustNotPrint?: string[]; mustCreate?: string[] }) => ({
  assert: { mustPrint: [], mustNotPrint: [], mustCreate: [], ...asked }
})

const app = await buildApp(t)

/** A bot that waits for `go` before it does anything, and the folder of its attempt. */
async function heldBack(client: Client, script: string, more: Partial<CreateBot>) {
  const wait = 'cd "$(dirname "$BOTYARD_OUTPUT")"; pwd; while [ ! -e go ]; do sleep 0.02; done'
  const bot = await client.makeBot(shell(`${wait}; ${script}`), more)
  const { id } = await client.start(bot)
  await client.printed(id, '\n')
  const folder = (await client.downloadLog(id)).toString().trim()
  return { bot, id, folder, go: () => writeFileSync(join(folder, 'go'), '') }
}

/** Waits until the processes of an attempt have ended, which is when it is concluded. */
async function closed(folder: string): Promise<void> {
  await eventually('the end of an attempt', () => readdirSync(folder).some(name => name.startsWith('closed.')))
}

t.test('a bot that did all it was asked to succeeds', async t => {
  const execution = await app.finished(
    shell(
      'echo one; printf "two\\nAll d"; sleep 0.2; printf "one"; mkdir "$BOTYARD_ARTIFACTS/a"; : >"$BOTYARD_ARTIFACTS/a/b.txt"'
    ),
    asking({
      mustPrint: ['one', 'two\nAll done'],
      mustNotPrint: ['Traceback'],
      mustCreate: ['a/b.txt', '**/*.txt', '**']
    })
  )
  t.match(execution, { state: 'succeeded', reason: null, detail: null, exitCode: 0 })
})

t.test('one that exited with 0 and did not has failed, and is told what is missing', async t => {
  const cases: [asked: Parameters<typeof asking>[0], detail: string][] = [
    [{ mustPrint: ['one', 'All done'] }, 'It exited with 0, but did not print "All done".'],
    [{ mustNotPrint: ['four', 'two'] }, 'It exited with 0, but printed "two".'],
    [{ mustCreate: ['*.pdf'] }, 'It exited with 0, but created no artifact "*.pdf".'],
    [
      { mustPrint: ['All "done"\n'], mustNotPrint: ['two'] },
      'It exited with 0, but did not print "All \\"done\\"\\n" and printed "two".'
    ],
    [
      { mustPrint: ['a', 'b'], mustNotPrint: ['one'], mustCreate: ['c', 'd'] },
      'It exited with 0, but did not print "a", did not print "b", printed "one", and 2 more.'
    ],
    [{ mustPrint: ['😀'.repeat(100)] }, `It exited with 0, but did not print "${'😀'.repeat(80)}…".`]
  ]
  for (const [asked, detail] of cases) {
    const execution = await app.finished('prints-three-lines', asking(asked))
    t.match(execution, { state: 'failed', reason: 'assertion', exitCode: 0, detail })
    t.match(execution.attempts[0], { state: 'failed', reason: 'assertion', exitCode: 0, signal: null, detail })
  }
})

t.test('a text is found anywhere in a log of many megabytes', async t => {
  const filler = `${'x'.repeat(99)}\n`.repeat(60_000)
  const asked = { mustPrint: ['the needle\nin the hay', 'beginning'], mustNotPrint: ['%'] }
  const log = `beginning${filler}the needle\nin the hay${filler}`
  t.match(await app.finished(printing(t, log), asking(asked)), { state: 'succeeded', detail: null })
  t.match(await app.finished(printing(t, `${log}%`), asking(asked)), {
    state: 'failed',
    detail: 'It exited with 0, but printed "%".'
  })
})

t.test('only regular files are artifacts', async t => {
  const script = 'cd "$BOTYARD_ARTIFACTS"; ln -s /etc/passwd a; mkfifo b; mkdir c; ln -s /etc d'
  const execution = await app.finished(shell(script), asking({ mustCreate: ['a', 'b', 'c', 'd/passwd', 'c/**'] }))
  t.match(execution, {
    reason: 'assertion',
    detail:
      'It exited with 0, but created no artifact "a", created no artifact "b", created no artifact "c", and 2 more.'
  })
})

t.test('an artifact among thousands is found', async t => {
  const script = 'cd "$BOTYARD_ARTIFACTS"; mkdir z; for i in $(seq 2000); do : >f$i; done; : >z/last.txt'
  t.match(await app.finished(shell(script), asking({ mustCreate: ['z/last.txt', 'f1', 'f2000'] })), {
    state: 'succeeded'
  })
  t.match(await app.finished(shell(script), asking({ mustCreate: ['f2001'] })), { reason: 'assertion' })
})

t.test('a bot that ended in another way ended in that way', async t => {
  const never = asking({ mustPrint: ['never'], mustCreate: ['never'] })
  t.match(await app.finished(shell('exit 3'), never), {
    state: 'failed',
    reason: 'exit_code',
    exitCode: 3,
    detail: null
  })
  t.match(await app.finished(['/nowhere/bot'], never), { state: 'failed', reason: 'spawn' })
  const { id } = await app.start(
    await app.makeBot(shell('trap "exit 0" INT; echo ready; while :; do sleep 0.02; done'), never)
  )
  await app.printed(id, 'ready')
  await app.post(`/api/executions/${id}/cancel`)
  t.match(await app.ended(id), { state: 'cancelled', reason: 'requested', exitCode: 0 })
})

t.test('a bot can be tried again until it has done what it was asked to', async t => {
  const bot = await app.makeBot(shell('[ ! -e tried ] || echo "All done"; : >tried'), {
    ...asking({ mustPrint: ['All done'] }),
    retry: { maxAttempts: 3, backoffMs: 0 }
  })
  const execution = await app.ended((await app.start(bot)).id)
  t.match(execution, { state: 'succeeded', reason: null, detail: null })
  t.match(execution.attempts, [
    { state: 'failed', reason: 'assertion' },
    { state: 'succeeded', reason: null }
  ])
})

t.test('what counts is what was asked of the bot when it was launched', async t => {
  const asked = await heldBack(app, '', asking({ mustPrint: ['All done'] }))
  await app.patch(`/api/bots/${asked.bot.id}`, asking({}))
  asked.go()
  t.match(await app.ended(asked.id), { reason: 'assertion' })

  const free = await heldBack(app, '', { name: 'free' })
  await app.patch(`/api/bots/${free.bot.id}`, asking({ mustPrint: ['All done'] }))
  free.go()
  t.match(await app.ended(free.id), { state: 'succeeded' })
})

t.test('what cannot be found out is no success', async t => {
  const doubt = 'It exited with 0, but whether it did what was asked of it is not known, because'
  const asked = asking({ mustNotPrint: ['never'] })

  await t.test('its log was removed', async t => {
    const { id, folder, go } = await heldBack(app, '', asked)
    rmSync(join(folder, 'log'))
    go()
    const end = { state: 'failed', reason: 'assertion', exitCode: 0, detail: `${doubt} its log is not there.` }
    t.match(await app.ended(id), end)
  })

  await t.test('its log was replaced by a FIFO', async t => {
    const { id, go } = await heldBack(app, 'rm log; mkfifo log', asked)
    go()
    t.match(await app.ended(id), { state: 'failed', reason: 'assertion', detail: `${doubt} its log is not there.` })
  })

  for (const [what, spoil] of [
    ['removed', 'rm launch.json'],
    ['overwritten', `echo '{"assert":5}' >launch.json`]
  ] as const) {
    await t.test(`what it was asked to do was ${what} before another server looked`, async t => {
      const dataDir = testFolder(t)
      const first = await startServer(t, dataDir)
      const { id, folder, go } = await heldBack(first, spoil, asked)
      await first.kill()
      go()
      await closed(folder)
      const second = await startServer(t, dataDir)
      const execution = await endOf(second, id)
      t.match(execution, { state: 'failed', reason: 'assertion' })
      t.ok(execution.detail?.startsWith(doubt), execution.detail ?? '')
    })
  }
})

t.test('the server that launched a bot knows what it was asked to do', async t => {
  const { id, go } = await heldBack(app, 'rm launch.json; echo never', asking({ mustNotPrint: ['never'] }))
  go()
  const execution = await app.ended(id)
  t.match(execution, { state: 'failed', reason: 'assertion' })
  t.match(execution.detail, /never/)
})

/** A text that is hard to tell from a log of nothing but the letter a. */
const HARD = `${'a'.repeat(500)}b${'a'.repeat(499)}`

t.test('a server killed while it concludes leaves that to the next, which comes to the same', async t => {
  const random = seededRandom(t)
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const script = 'head -c 1000000 /dev/zero | tr "\\0" a; echo x=1 >>"$BOTYARD_OUTPUT"'
  const { bot, id, folder, go } = await heldBack(first, script, asking({ mustPrint: [HARD], mustNotPrint: ['aaa'] }))
  // Changed meanwhile, which must not count.
  await first.patch(`/api/bots/${bot.id}`, asking({}))
  // It cannot come to an end now, wherever it is killed.
  const unlock = lockForWriting(dataDir)
  go()
  await closed(folder)
  await delay(random(500))
  await first.kill()
  unlock()

  const second = await startServer(t, dataDir)
  t.match(await endOf(second, id), {
    state: 'failed',
    reason: 'assertion',
    exitCode: 0,
    detail: `It exited with 0, but did not print "${'a'.repeat(80)}…" and printed "aaa".`,
    outputs: { x: '1' }
  })
})

t.test('a server that looks through a log answers meanwhile', async t => {
  const script = 'head -c 2000000 /dev/zero | tr "\\0" a'
  const { id, folder, go } = await heldBack(app, script, asking({ mustPrint: [HARD] }))
  go()
  await closed(folder)
  let answers = 0
  while ((await app.execution(id)).state === 'running') answers++
  t.ok(answers > 5, `${answers} answers`)
  t.match(await app.execution(id), { reason: 'assertion' })
})
