/** From a dead disk back: a backup made while bots print and people start more of them is a whole server again, elsewhere. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { backupsIn, runCommand } from '../support/backup.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { fixture } from '../support/logs.ts'
import { printsHashOf, putSecret } from '../support/secrets.ts'
import { startServer } from '../support/server.ts'

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')

interface Row {
  id: string
  [column: string]: unknown
}

const rowsOf = (dataDir: string, table: string) =>
  withDatabase(dataDir, db => db.prepare(`SELECT * FROM ${table} ORDER BY id`).all() as Row[])

t.test('a backup under load restores: rows and logs are as they were, and nothing starts by itself', async t => {
  const dir = testFolder(t, { backups: {} })
  const [dataDir, backups, go] = [join(dir, 'data'), join(dir, 'backups'), join(dir, 'go')]
  const env = { MAX_CONCURRENT_EXECUTIONS: '6' }
  const server = await startServer(t, dataDir, env)
  await putSecret(server, 'TOKEN', 'hunter22-and-more')
  const secret = await server.makeBot(printsHashOf('TOKEN'), { name: 'Knows a secret', secrets: ['TOKEN'] })
  const counts = await server.makeBot(fixture('counts-until-file', go, join(dir, 'journal')), {
    name: 'Counts',
    concurrency: { limit: 4 }
  })
  const prints = 'echo hello; seq 2000; echo made >"$BOTYARD_ARTIFACTS/made.txt"; echo version=1 >>"$BOTYARD_OUTPUT"'
  const short = await server.makeBot(['/bin/sh', '-c', prints], { name: 'Short', concurrency: { limit: 2 } })
  const leaks = `echo $TOKEN; until [ -e ${go} ]; do echo it is $TOKEN; sleep 0.01; done`
  const leaking = await server.makeBot(['/bin/sh', '-c', leaks], { name: 'Leaks', secrets: ['TOKEN'] })
  const live = [...(await Promise.all([1, 2, 3].map(() => server.start(counts)))), await server.start(leaking)]
  await Promise.all(live.slice(0, 3).map(({ id }) => server.printed(id, 'line 2')))
  await server.printed(live[3]!.id, 'it is')
  const early = await server.ended((await server.start(short)).id)

  let loading = true
  const load = (async () => {
    while (loading) await server.start(short)
  })()
  const said = await runCommand('backup', [backups], { DATA_DIR: dataDir })
  loading = false
  await load
  t.equal(said.code, 0, said.stderr)
  t.match(said.stdout, /Backed up \d+ executions in \d+ files/)
  t.match(said.stdout, 'copy DATA_DIR/workspaces yourself')
  const [name] = backupsIn(backups)
  t.ok(name)

  // The disk dies.
  writeFileSync(go, '')
  await Promise.all(live.map(({ id }) => server.ended(id)))
  await server.kill('SIGTERM')
  const before = { executions: rowsOf(dataDir, 'executions'), attempts: rowsOf(dataDir, 'attempts') }
  const folder = join(dir, 'restored')
  const restored = await runCommand('restore', [join(backups, name!), `--data-dir=${folder}`], {})
  t.equal(restored.code, 0, restored.stderr)
  t.match(restored.stdout, 'Run things again')

  const executions = rowsOf(folder, 'executions')
  t.ok(executions.length >= 6, 'some that were started while it was made are in it')
  const ended = executions.filter(({ state }) => state === 'succeeded')
  t.ok(ended.some(({ id }) => id === early.id))
  for (const row of ended)
    t.same(
      row,
      before.executions.find(({ id }) => id === row.id)
    )
  for (const row of rowsOf(folder, 'attempts')) {
    const log = (root: string) => readFileSync(join(root, 'attempts', row.id, 'log'))
    const was = before.attempts.find(({ id }) => id === row.id)!
    if (row.state === 'succeeded') {
      t.same(row, was)
      t.equal(sha256(log(folder)), sha256(log(dataDir)))
      continue
    }
    t.match(row, { state: 'lost', reason: 'restored' })
    if (row.log_bytes === 0) continue // it was just beginning
    const part = log(folder)
    t.equal(part.length, row.log_bytes)
    t.ok(log(dataDir).subarray(0, part.length).equals(part), 'of a log that grew there is the beginning')
    t.notMatch(part.toString(), 'hunter22')
  }

  rmSync(dataDir, { recursive: true })
  mkdirSync(dataDir)
  const next = await startServer(t, folder, env)
  t.match((await next.get('/api/machine')).body, { draining: true, restoredFrom: Number, running: 0 })
  for (const { id } of live) t.match(await next.execution(id), { state: 'lost', reason: 'restored' })
  t.equal((await next.downloadLog(early.id)).toString().slice(0, 6), 'hello\n')
  t.match((await next.execution(early.id)).outputs, { version: '1' })
  t.equal((await next.get(`/api/executions/${early.id}/artifacts/made.txt`)).text, 'made\n')
  const waiting = await next.start(secret)
  t.equal((await next.execution(waiting.id)).state, 'queued')

  const audit = (await next.get('/admin/audit?action=machine.restored')).body.items
  t.match(audit, [{ actor: { kind: 'server' }, after: { backupAt: Number } }])
  const lifted = await next.request('PUT', '/api/machine/drain', { body: { enabled: false } })
  t.match(lifted.body, { draining: false, restoredFrom: null })
  t.match(await next.ended(waiting.id), { state: 'succeeded' })
  t.equal((await next.downloadLog(waiting.id)).toString(), `${sha256('hunter22-and-more')}\n`, 'secrets open')
})
