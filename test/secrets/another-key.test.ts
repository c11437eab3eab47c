import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { putSecret, secretsOf } from '../support/secrets.ts'
import { startServer, type TestServer } from '../support/server.ts'

const KEYS = ['first key, first key, first key, first key', 'other key, other key, other key, other key']

const spoken = (server: TestServer) => server.output.split('\n').filter(line => line.includes('another SECRET_KEY'))

t.test(
  'a server with another SECRET_KEY starts, says once which secrets it cannot use, and fails only who needs one',
  async t => {
    const dataDir = join(testFolder(t), 'data')
    let server = await startServer(t, dataDir, { SECRET_KEY: KEYS[0]! })
    for (const name of ['TOKEN', 'ANOTHER']) await putSecret(server, name, 'hunter22')
    const bot = await server.makeBot(['true'], { name: 'needs', secrets: ['TOKEN'] })
    const other = await server.makeBot(['true'], { name: 'needs none' })
    t.equal((await endOf(server, (await server.start(bot)).id)).state, 'succeeded')
    t.same(spoken(server), [])
    await server.kill('SIGTERM')

    server = await startServer(t, dataDir, { SECRET_KEY: KEYS[1]! })
    await putSecret(server, 'NEW', 'hunter33')
    t.equal(spoken(server).length, 1)
    t.match(JSON.parse(spoken(server)[0]!), { level: 40, secrets: ['ANOTHER', 'TOKEN'] })
    t.match(await secretsOf(server), [
      { name: 'ANOTHER', usable: false },
      { name: 'NEW', usable: true },
      { name: 'TOKEN', usable: false }
    ])
    t.equal((await endOf(server, (await server.start(other)).id)).state, 'succeeded')
    const failed = await endOf(server, (await server.start(bot)).id)
    t.match(failed, { state: 'failed', reason: 'spawn', detail: /another SECRET_KEY.*TOKEN.*put the value in again/ })

    await putSecret(server, 'TOKEN', 'hunter44')
    t.equal((await endOf(server, (await server.start(bot)).id)).state, 'succeeded', 'given its value again, it works')
    await server.kill('SIGTERM')

    server = await startServer(t, dataDir, { SECRET_KEY: KEYS[0]! })
    t.match(JSON.parse(spoken(server)[0]!), { secrets: ['NEW', 'TOKEN'] })
    t.match(
      (await secretsOf(server))[0],
      { name: 'ANOTHER', usable: true },
      'with the first key, what it had sealed opens'
    )
  }
)

t.test('the sealed value of one secret is not taken for that of another', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'PUBLIC', 'everybody knows')
  await putSecret(app, 'PRIVATE', 'hunter22')
  withDatabase(app.config.dataDir, db =>
    db
      .prepare("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'PRIVATE') WHERE name = 'PUBLIC'")
      .run()
  )
  t.match(await secretsOf(app), [
    { name: 'PRIVATE', usable: true },
    { name: 'PUBLIC', usable: false }
  ])
})

t.test('a bot whose secret is gone fails with its name and what to do, and the next one runs', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  await putSecret(app, 'KEY', 'hunter33')
  const bot = await app.makeBot(['true'], { secrets: ['TOKEN', 'KEY'] })
  withDatabase(app.config.dataDir, db => db.prepare("DELETE FROM secrets WHERE name = 'TOKEN'").run())
  const failed = await app.ended((await app.start(bot)).id)
  t.match(failed, { state: 'failed', reason: 'spawn', detail: /names TOKEN, but there is no such secret\. Add it/ })
  await putSecret(app, 'TOKEN', 'hunter22')
  t.equal((await app.ended((await app.start(bot)).id)).state, 'succeeded')
})
