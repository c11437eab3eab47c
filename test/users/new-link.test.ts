import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import { ADMIN, Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { addSecondFactor, makeUser } from '../support/users.ts'

/** `npm run new-link -- …` */
async function newLink(dataDir: string, args: string[], env: Record<string, string> = {}) {
  const script = join(import.meta.dirname, '../../src/commands/new-link.ts')
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...env }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  const [, address, token] = /^ {2}(\S+)\/choose-password#(\S+)$/m.exec(output) ?? []
  return { code, output, address, token }
}

const NEW = 'another one of mine'

t.test('the only administrator comes back in by a link, while the server runs', async t => {
  const dataDir = testFolder(t)
  const server = await startServer(t, dataDir)
  await addSecondFactor(server)
  const made = await newLink(dataDir, [' Admin@Example.com '])
  t.equal(made.code, 0, made.output)
  t.match(made.output, /^A link for admin@example.com, for one use until /)
  t.match(made.output, '--remove-second-factor')
  t.equal(made.address, 'http://localhost:20000')
  t.equal((await server.get('/api/auth/me')).status, 200, 'who is signed in stays so until it is used')

  const stranger = new Client(server.url)
  const use = () => stranger.post('/api/auth/link/password', { token: made.token, password: NEW })
  t.equal((await use()).status, 204)
  isProblem(t, await use(), 403, 'invalid_link', 'it is good once')
  isProblem(t, await server.get('/api/auth/me'), 401, 'unauthenticated')
  isProblem(t, await stranger.post('/api/auth/login', { ...ADMIN, password: NEW }), 401, 'second_factor_required')

  const second = await newLink(dataDir, ['--remove-second-factor', ADMIN.email], {
    PUBLIC_URL: 'https://bots.example.com/'
  })
  t.equal(second.code, 0, second.output)
  t.equal(second.address, 'https://bots.example.com')
  t.notMatch(second.output, '--remove-second-factor')
  const answer = await stranger.post('/api/auth/login', { ...ADMIN, password: NEW })
  t.match(answer, { status: 200, body: { user: { twoFactor: false } } })
  stranger.token = answer.body.accessToken
  const entries = (await stranger.get('/admin/audit?limit=200')).body.items.filter(
    (entry: { actor: { kind: string } }) => entry.actor.kind === 'server'
  )
  t.match(
    entries.map((entry: { action: string }) => entry.action),
    ['user.password_reset', 'user.totp_disabled', 'user.password_reset']
  )
  for (const entry of entries) t.match(entry, { subject: { name: ADMIN.email }, after: { by: 'npm run new-link' } })
})

t.test('a link made while no server runs is good when one does', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir)
  await first.kill('SIGTERM')
  const { token } = await newLink(dataDir, [ADMIN.email])
  const server = await startServer(t, dataDir)
  t.equal((await server.post('/api/auth/link/password', { token, password: NEW })).status, 204)
})

t.test('whoever asks for what cannot be is told why, and nothing is made', async t => {
  const dataDir = testFolder(t)
  const server = await startServer(t, dataDir)
  const { id } = await makeUser(server, 'operator')
  await server.patch(`/admin/users/${id}`, { disabled: true })
  const refused = async (args: string[], says: string, folder = dataDir) => {
    const { code, output } = await newLink(folder, args)
    t.equal(code, 1)
    t.match(output, says)
    t.notMatch(output, 'choose-password')
  }
  await refused([], 'Usage: npm run new-link')
  await refused([ADMIN.email, 'more'], 'Usage: npm run new-link')
  await refused(['--else', ADMIN.email], 'Usage: npm run new-link')
  await refused(['nobody@example.com'], `Nobody has the address nobody@example.com. Administrators: ${ADMIN.email}.`)
  await refused(['operator@example.com'], 'The account operator@example.com is disabled.')
  const elsewhere = join(dataDir, 'elsewhere')
  await refused([ADMIN.email], `There is no database in ${elsewhere}.`, elsewhere)
  t.notOk(existsSync(elsewhere))
  const entries = (await server.get('/admin/audit?action=user.password_reset')).body.items
  t.same(entries, [])

  await server.kill()
  const db = openDatabase(dataDir)
  await new Migrator(db).down(1)
  await db.destroy()
  await refused([ADMIN.email], 'is of another version. Start this version of the server first.')
})
