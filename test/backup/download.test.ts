import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { BackupProcess } from '../../src/backup/backup-process.ts'
import { newId } from '../../src/lib/ids.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { restoreFrom } from '../support/backup.ts'
import { ADMIN } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { putSecret } from '../support/secrets.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const dir = testFolder(t)
const backup = { url: null, cron: '30 3 * * *', keep: 14, passphrase: null }

/** Saves what is downloaded; answers where, and what it was called. */
async function download(t: Test, app: TestApp): Promise<{ path: string; name: string }> {
  const response = await fetch(`${app.url}/admin/backup`, { headers: { authorization: `Bearer ${app.token}` } })
  t.equal(response.status, 200)
  const name = /filename="?([^"]+)"?/.exec(response.headers.get('content-disposition')!)![1]!
  const path = join(dir, newId(), name)
  mkdirSync(dirname(path))
  writeFileSync(path, Buffer.from(await response.arrayBuffer()))
  return { path, name }
}

/** Prints what does not compress, so that a backup of it is more than what lies in pipes and sockets. */
const LARGE = ['/bin/sh', '-c', 'head -c 30000000 /dev/urandom']

t.test('without a passphrase, a download without the key', async t => {
  const app = await buildApp(t, { config: { backup } })
  await putSecret(app, 'TOKEN', 'hunter22')
  const { path, name } = await download(t, app)
  t.match(name, /^botyard-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar\.zst$/)
  const place = `${path}.restored`
  t.match(await restoreFrom(path, place), { key: 'missing', description: { key: { where: 'left_out' } } })
  t.notOk(readdirSync(place).includes('.secret_key'))

  const audit = (await app.get('/admin/audit?action=backup.downloaded')).body.items
  t.match(audit, [{ actor: { kind: 'user', name: ADMIN.email }, subject: { type: 'machine' } }])
  const headers = { authorization: `Bearer ${app.token}` }
  const { status } = await fetch(`${app.url}/admin/backup`, { method: 'HEAD', headers })
  t.equal(status, 404, 'there is no asking for how much it would be')
})

t.test('what has been made is whole, also for who begins to read when its process has gone', async t => {
  const { dataDir } = (await buildApp(t)).config
  const order = { dataDir, secretKey: null, previousSecretKey: null, passphrase: null, withKey: true, to: null }
  const one = new BackupProcess(order, {})
  const { bytes } = await one.done
  await eventually('the end of its process', () => childOf(process.pid) === null)
  t.equal((await buffer(one.bytes)).length, bytes)
})

t.test('with one, encrypted and with the key', async t => {
  const passphrase = 'a dozen words or so'
  const app = await buildApp(t, { config: { backup: { ...backup, passphrase } } })
  const { path, name } = await download(t, app)
  t.match(name, /\.tar\.zst\.age$/)
  t.notMatch(readFileSync(path).toString('latin1'), 'botyard-backup.json')
  const place = `${path}.restored`
  t.match(await restoreFrom(path, place, { passphrase }), { key: 'restored' })
  t.equal(
    readFileSync(join(place, '.secret_key'), 'utf8'),
    readFileSync(join(app.config.dataDir, '.secret_key'), 'utf8')
  )
})

t.test('for administrators, and for no token that is for some bots', async t => {
  const app = await buildApp(t, { config: { backup } })
  const bot = await app.makeBot(['true'])
  const body = { name: 'limited', role: 'admin', bots: [bot.id], password: ADMIN.password }
  const limited = (await app.post('/api/tokens', body)).body.value
  const authorization = `Bearer ${limited}`
  isProblem(t, await app.get('/admin/backup', { authorization }), 403, 'forbidden')
  isProblem(t, await app.post('/admin/backup', undefined, { authorization }), 403, 'forbidden')
  const operator = await signedInAs(app, 'operator')
  isProblem(t, await operator.get('/admin/backup'), 403, 'forbidden')
  isProblem(t, await operator.post('/admin/backup'), 403, 'forbidden')
  isProblem(t, await app.post('/admin/backup'), 409, 'no_backup_place')
  t.match((await app.get('/api/machine')).body, { backup: null })
})

t.test('whoever leaves in its middle ends it; one at a time', async t => {
  const app = await buildApp(t, { config: { backup } })
  await app.finished(LARGE)
  const leaving = new AbortController()
  const response = await fetch(`${app.url}/admin/backup`, {
    headers: { authorization: `Bearer ${app.token}` },
    signal: leaving.signal
  })
  const reader = response.body!.getReader()
  await reader.read()
  isProblem(t, await app.get('/admin/backup'), 409, 'backup_running')
  leaving.abort()
  const again = await eventually('the first to have ended', async () => {
    const answer = await fetch(`${app.url}/admin/backup`, { headers: { authorization: `Bearer ${app.token}` } })
    if (answer.status === 200) return answer
    await answer.text()
    return null
  })
  const path = join(dir, 'whole')
  writeFileSync(path, Buffer.from(await again.arrayBuffer()))
  t.match(await restoreFrom(path, `${path}.restored`), { description: { executions: 1 } })
})

t.test('what goes wrong before the first byte is told, and afterwards the connection breaks off', async t => {
  const app = await buildApp(t, { config: { backup } })
  await app.finished(LARGE)
  const response = await fetch(`${app.url}/admin/backup`, { headers: { authorization: `Bearer ${app.token}` } })
  const child = eventually('the process that makes it', () => childOf(process.pid))
  process.kill(await child, 'SIGKILL')
  await t.rejects(response.arrayBuffer(), 'no half file passes for a whole one')

  // What a file is in the way of cannot be made.
  const draft = join(app.config.dataDir, '.backup.lock')
  rmSync(draft)
  mkdirSync(draft)
  isProblem(t, await app.get('/admin/backup'), 503, 'unavailable')
})

/** The process in which the server has a backup made. */
function childOf(parent: number): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const isChild = readFileSync(`/proc/${name}/status`, 'utf8').includes(`\nPPid:\t${parent}\n`)
      if (isChild && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('src/backup/child.ts')) return Number(name)
    } catch {
      // it has gone meanwhile
    }
  }
  return null
}
