import t from 'tap'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { isProblem, wrongFields } from '../support/problems.ts'
import { putSecret, secretsOf } from '../support/secrets.ts'
import { signedInAs } from '../support/users.ts'

t.test('a secret is added, listed without its value, replaced and deleted', async t => {
  const app = await buildApp(t)
  t.same(await secretsOf(app), [])
  const made = await putSecret(app, 'NPM_TOKEN', 'hunter22', 'Publishes packages.')
  t.equal(made.status, 201)
  t.match(made.body, {
    name: 'NPM_TOKEN',
    description: 'Publishes packages.',
    usable: true,
    createdAt: Number,
    lastUsedAt: null,
    usedBy: []
  })
  t.equal((await putSecret(app, 'AWS_KEY', 'hunter33')).body.description, '')

  const changed = await putSecret(app, 'NPM_TOKEN', 'hunter44')
  t.equal(changed.status, 200)
  t.match(changed.body, { description: 'Publishes packages.', createdAt: made.body.createdAt }, 'its description stays')
  t.ok(changed.body.updatedAt >= made.body.updatedAt)
  t.equal((await putSecret(app, 'NPM_TOKEN', 'hunter44', '')).body.description, '', 'unless it is taken away')
  t.same(
    (await secretsOf(app)).map(({ name }) => name),
    ['AWS_KEY', 'NPM_TOKEN']
  )
  t.same(Object.keys((await secretsOf(app))[0]!).sort(), [
    'createdAt',
    'description',
    'lastUsedAt',
    'name',
    'updatedAt',
    'usable',
    'usedBy'
  ])

  t.equal((await app.delete('/api/secrets/NPM_TOKEN')).status, 204)
  isProblem(t, await app.delete('/api/secrets/NPM_TOKEN'), 404, 'not_found')
  t.same(
    (await secretsOf(app)).map(({ name }) => name),
    ['AWS_KEY']
  )
})

t.test('what cannot be a secret is refused with the field and the reason, and is not kept', async t => {
  const app = await buildApp(t)
  const short = await putSecret(app, 'TOKEN', '12345')
  isProblem(t, short, 400, 'invalid_request')
  t.match(short.body.errors, [{ path: '/value', message: /at least 6 characters.*half of every log/ }])
  for (const [name, value, field] of [
    ['PATH', 'hunter22', '/name'],
    ['BOTYARD_TOKEN', 'hunter22', '/name'],
    ['NO-DASH', 'hunter22', '/name'],
    ['../../etc', 'hunter22', '/name'],
    ['__proto__ ', 'hunter22', '/name'],
    ['TOKEN', 'hunter22\0', '/value'],
    ['TOKEN', 'x'.repeat(65_537), '/value'],
    ['TOKEN', 'ü'.repeat(40_000), '/value']
  ] as const) {
    const answer = await putSecret(app, name, value)
    isProblem(t, answer, 400, 'invalid_request', `${name} ${value.length}`)
    t.same(wrongFields(answer), [field])
    t.notMatch(answer.text, /hunter22|xxxxxx|üüüüüü/)
  }
  const bodies: unknown[] = [{}, { value: 5 }, { value: null }, { value: ['hunter22'] }, { value: 'hunter22', more: 1 }]
  for (const body of bodies) {
    const answer = await app.request('PUT', '/api/secrets/TOKEN', { body })
    isProblem(t, answer, 400, 'invalid_request', JSON.stringify(body))
    t.notMatch(answer.text, 'hunter22')
  }
  for (const raw of ['{"value":hunter22}', 'hunter22', '{"value":"hunter22" hunter22}', '{"value":"hunter22']) {
    const answer = await app.request('PUT', '/api/secrets/TOKEN', { raw })
    isProblem(t, answer, 400, 'invalid_json', raw)
    t.notMatch(answer.text, /hunter/)
  }
  t.same(await secretsOf(app), [])
})

t.test('operators see which secrets there are, only administrators change them, viewers see none', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  const operator = await signedInAs(app, 'operator')
  const viewer = await signedInAs(app, 'viewer')
  t.equal((await operator.get('/api/secrets')).status, 200)
  isProblem(t, await viewer.get('/api/secrets'), 403, 'forbidden')
  for (const client of [operator, viewer]) {
    isProblem(t, await putSecret(client, 'TOKEN', 'hunter33'), 403, 'forbidden')
    isProblem(t, await putSecret(client, 'OTHER', 'hunter33'), 403, 'forbidden')
    isProblem(t, await client.delete('/api/secrets/TOKEN'), 403, 'forbidden')
  }
  app.token = null
  for (const answer of [
    await app.get('/api/secrets'),
    await putSecret(app, 'X', 'hunter33'),
    await app.delete('/api/secrets/TOKEN')
  ])
    isProblem(t, answer, 401, 'unauthenticated')
  t.same(
    (await secretsOf(operator)).map(({ name }) => name),
    ['TOKEN']
  )
})

t.test('a bot names secrets that there are, each once, and none of its environment', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  const make = (more: object) => app.post('/api/bots', { name: 'a', command: ['true'], ...more })

  const missing = await make({ secrets: ['TOKEN', 'NOBODY', 'NOWHERE'] })
  isProblem(t, missing, 400, 'invalid_request')
  t.same(missing.body.errors, [
    { path: '/secrets/1', message: 'there is no secret NOBODY' },
    { path: '/secrets/2', message: 'there is no secret NOWHERE' }
  ])
  const both = await make({ secrets: ['TOKEN'], env: { TOKEN: 'x' } })
  t.match(both.body.errors, [{ path: '/secrets/0', message: /environment too/ }])
  t.same(wrongFields(await make({ secrets: ['TOKEN', 'TOKEN'] })), ['/secrets'])
  t.same(wrongFields(await make({ secrets: ['token'] })), ['/secrets/0'], 'upper and lower case are not the same')
  const tried = await app.post('/api/bots/trials', { bot: { name: 'a', command: ['true'], secrets: ['NOBODY'] } })
  t.match(tried.body.errors, [{ path: '/bot/secrets/0', message: 'there is no secret NOBODY' }])
  t.same((await app.get('/api/bots')).body.items, [], 'none of them was made')

  const bot = (await make({ secrets: ['TOKEN'] })).body
  t.same(bot.secrets, ['TOKEN'])
  t.same(wrongFields(await app.patch(`/api/bots/${bot.id}`, { secrets: ['NOBODY'] })), ['/secrets/0'])
  t.same(wrongFields(await app.patch(`/api/bots/${bot.id}`, { env: { TOKEN: 'x' } })), ['/secrets/0'])
  t.same((await app.get(`/api/bots/${bot.id}`)).body.secrets, ['TOKEN'])
})

t.test('a secret that a bot names is not deleted, and its list says which bots those are', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  await putSecret(app, 'TOKEN_2', 'hunter33')
  const first = await app.makeBot(['true'], { name: 'Zebra', secrets: ['TOKEN', 'TOKEN_2'] })
  const second = await app.makeBot(['true'], { name: 'Ant', secrets: ['TOKEN'] })
  await app.makeBot(['true'], { name: 'Uses none' })

  const [token, other] = await secretsOf(app)
  const shown = ({ id, slug, name }: { id: string; slug: string; name: string }) => ({ id, slug, name })
  t.same(token!.usedBy, [shown(second), shown(first)])
  t.same(other!.usedBy, [shown(first)])

  const refused = await app.delete('/api/secrets/TOKEN')
  isProblem(t, refused, 409, 'secret_in_use')
  t.match(refused.body.detail, 'TOKEN is given to Ant, Zebra.')
  await app.patch(`/api/bots/${first.id}`, { secrets: [] })
  t.match((await app.delete('/api/secrets/TOKEN')).body.detail, 'TOKEN is given to Ant.')
  await app.delete(`/api/bots/${second.id}`)
  t.equal((await app.delete('/api/secrets/TOKEN')).status, 204)
  t.equal((await app.delete('/api/secrets/TOKEN_2')).status, 204)
})

t.test('a bot that is only tried keeps its secret for as long as it runs', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  const bot = { name: 'Tried', command: ['sleep', '600'], secrets: ['TOKEN'], killGraceMs: 100 }
  const { id } = (await app.post('/api/bots/trials', { bot })).body
  t.same((await secretsOf(app))[0]!.usedBy, [], 'it is in no list')
  const refused = await app.delete('/api/secrets/TOKEN')
  isProblem(t, refused, 409, 'secret_in_use')
  t.match(refused.body.detail, 'Tried (a trial that has not ended)')
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  t.equal((await app.delete('/api/secrets/TOKEN')).status, 204)
})

t.test('a bot whose secret is gone can be disabled, and be given secrets that there are', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  const bot = await app.makeBot(['true'], { secrets: ['TOKEN'] })
  withDatabase(app.config.dataDir, db => db.prepare('DELETE FROM secrets').run())
  t.equal((await app.patch(`/api/bots/${bot.id}`, { enabled: false })).status, 200)
  t.equal((await app.patch(`/api/bots/${bot.id}`, { secrets: ['TOKEN'] })).status, 400)
  t.equal((await app.patch(`/api/bots/${bot.id}`, { secrets: [] })).status, 200)
})

t.test('who listens hears which secrets changed, and a viewer may not listen', async t => {
  const app = await buildApp(t)
  const stream = await app.stream('/api/events?topics=bots,secrets')
  const events = stream[Symbol.asyncIterator]()
  const next = async () => (await events.next()).value
  t.match(await next(), { event: 'resync' })
  await putSecret(app, 'TOKEN', 'hunter22')
  t.match(await next(), { event: 'secrets.changed', data: { names: ['TOKEN'] } })
  await putSecret(app, 'TOKEN', 'hunter33')
  t.match(await next(), { event: 'secrets.changed', data: { names: ['TOKEN'] } })
  await app.delete('/api/secrets/TOKEN')
  t.match(await next(), { event: 'secrets.changed', data: { names: ['TOKEN'] } })
  t.notMatch(stream.raw(), /hunter/)
  stream.close()

  const operator = await (await signedInAs(app, 'operator')).stream('/api/events?topics=secrets')
  t.equal(operator.status, 200)
  operator.close()
  const viewer = await signedInAs(app, 'viewer')
  isProblem(t, await viewer.get('/api/events?topics=secrets'), 403, 'forbidden')
  isProblem(t, await viewer.get('/api/events?topics=bots,secrets,executions'), 403, 'forbidden')
})
