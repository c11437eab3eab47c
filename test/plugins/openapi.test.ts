import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, type Answer } from '../support/client.ts'
import { buildAppWithRoutes } from '../support/routes.ts'

type Json = Record<string, unknown>
interface Operation {
  summary?: string
  tags?: string[]
  operationId?: string
  security?: Json[]
  parameters?: { name: string; in: string; required?: boolean; schema?: Json }[]
  requestBody?: { content: Json }
  responses: Record<string, { description?: string; content?: Record<string, { schema: Json }> }>
}
interface Document {
  openapi: string
  info: Json
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Json; securitySchemes: Json }
}

async function documentOf(app: TestApp): Promise<Document> {
  const answer = await app.get('/openapi/openapi.json', { authorization: '' })
  t.equal(answer.status, 200)
  return answer.body
}

function operationsOf(document: Document): { name: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation }))
  )
}

/** Every `$ref` of a document, wherever it stands. */
function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsOf(inner)
  )
}

function resolve(document: unknown, ref: string): unknown {
  const keys = ref
    .replace(/^#\//, '')
    .split('/')
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  return keys.reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document)
}

function pointerPart(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** Checks answers against what the document says of the operation and status they belong to. */
function answersChecker(document: Document) {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }))
  ajv.addSchema(document as unknown as Json, 'document')
  return (t: Test, method: string, path: string, answer: Answer) => {
    const name = `${method.toUpperCase()} ${path} ${answer.status}`
    const responses = document.paths[path]?.[method]?.responses ?? {}
    const status = [String(answer.status), `${String(answer.status)[0]}XX`].find(key => key in responses)
    if (!status) return t.fail(`${name} is not in the document`)
    const content = responses[status]!.content
    if (answer.text === '') return t.notOk(content, `${name}: no content is described, as none is sent`)
    const type = Object.keys(content ?? {})[0]!
    t.ok(answer.headers.get('content-type')?.startsWith(type), `${name}: is ${type}, as described`)
    const pointer = ['paths', path, method, 'responses', status, 'content', type, 'schema'].map(pointerPart).join('/')
    const valid = ajv.validate({ $ref: `document#/${pointer}` }, answer.body ?? answer.text)
    t.ok(valid, `${name}: is as described`, { errors: ajv.errors, body: answer.body })
  }
}

t.test('the document is whole: OpenAPI 3.1, all references resolve, all parameters are described', async t => {
  const document = await documentOf(await buildApp(t))
  t.match(document.openapi, /^3\.1\.\d+$/)
  t.match(document.info, { title: 'Botyard', version: /^\d+\.\d+\.\d+/ })
  t.same(document.servers, [{ url: '/' }])

  const refs = refsOf(document)
  t.ok(refs.length > 20, `${refs.length} references`)
  for (const ref of new Set(refs)) t.ok(resolve(document, ref), `${ref} is there`)

  for (const { name, path, operation } of operationsOf(document)) {
    t.match(path, /^\//)
    const described = (operation.parameters ?? []).filter(p => p.in === 'path')
    t.same(
      described.map(p => p.name),
      [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]),
      `${name}: parameters`
    )
    t.ok(
      described.every(p => p.required),
      `${name}: parameters of the path are required`
    )
    t.ok(
      (operation.parameters ?? []).every(p => p.schema),
      `${name}: parameters have schemas`
    )
    for (const [status, response] of Object.entries(operation.responses)) {
      t.match(status, /^([1-5]\d\d|[1-5]XX|default)$/, `${name}: ${status}`)
      t.ok(response.description, `${name}: ${status} has a description`)
    }
    for (const requirement of operation.security ?? []) {
      for (const scheme of Object.keys(requirement)) t.ok(scheme in document.components.securitySchemes, scheme)
    }
  }
  const ids = operationsOf(document).flatMap(({ operation }) => operation.operationId ?? [])
  t.equal(new Set(ids).size, ids.length, 'operation ids are unique')
})

t.test('the schemas of the document are JSON Schemas', async t => {
  const document = await documentOf(await buildApp(t))
  const ajv = addFormats.default(new Ajv2020({ strict: false }))
  ajv.addSchema(document as unknown as Json, 'document')
  for (const name of Object.keys(document.components.schemas)) {
    t.doesNotThrow(() => ajv.compile({ $ref: `document#/components/schemas/${name}` }), name)
  }
})

t.test('every route of the API is in the document, with a summary, a tag and who may call it', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const document = await documentOf(app)
  const operations = new Map(operationsOf(document).map(({ name, operation }) => [name, operation]))
  const expected = routes.filter(
    route => /^\/(api|admin|health|metrics)\b/.test(route.url) && route.method !== 'HEAD' && !route.hidden
  )
  for (const { method, url, access } of expected) {
    const name = `${method} ${url
      .replace(/(.)\/$/, '$1')
      .replace('*', ':name')
      .replace(/:(\w+)/g, '{$1}')}`
    const operation = operations.get(name)
    t.ok(operation, `${name} is in the document`)
    if (!operation) continue
    t.ok(operation.summary, `${name} has a summary`)
    t.equal(operation.tags?.length, 1, `${name} has a tag`)
    t.same(operation.security, access === 'open' ? [] : [{ bearer: [] }], `${name} says who may call it`)
    operations.delete(name)
  }
  t.same([...operations.keys()], [], 'and nothing else is in it')
})

t.test('answers are as the document says', async t => {
  const app = await buildApp(t, { setUp: false })
  const check = answersChecker(await documentOf(app))
  const { setupToken } = app.app

  check(t, 'post', '/api/auth/setup', await app.post('/api/auth/setup', { setupToken: 'x', ...ADMIN }))
  const setup = await app.post('/api/auth/setup', { setupToken, ...ADMIN, delivery: 'body' })
  check(t, 'post', '/api/auth/setup', setup)
  check(t, 'get', '/api/auth/me', await app.get('/api/auth/me'))
  app.token = setup.body.accessToken
  check(t, 'get', '/api/auth/me', await app.get('/api/auth/me'))
  const login = await app.post('/api/auth/login', { ...ADMIN, delivery: 'body' })
  check(t, 'post', '/api/auth/login', login)
  check(t, 'post', '/api/auth/refresh', await app.post('/api/auth/refresh', { refreshToken: login.body.refreshToken }))
  check(t, 'post', '/api/auth/refresh', await app.post('/api/auth/refresh', { refreshToken: 'x' }))

  check(t, 'get', '/api/bots', await app.get('/api/bots'))
  check(t, 'post', '/api/bots', await app.post('/api/bots', {}))
  check(t, 'post', '/api/bots', await app.post('/api/bots', { name: 'a', command: ['true'] }))
  check(t, 'post', '/api/bots', await app.post('/api/bots', { name: 'a', slug: 'a', command: ['true'] }))
  check(t, 'post', '/api/bots/bundled', await app.post('/api/bots/bundled'))
  check(t, 'get', '/api/bots', await app.get('/api/bots?limit=2'))
  check(t, 'get', '/api/bots/{bot}', await app.get('/api/bots/a'))
  check(t, 'get', '/api/bots/{bot}', await app.get('/api/bots/nobody'))
  check(t, 'patch', '/api/bots/{bot}', await app.patch('/api/bots/a', { tags: ['x'] }))

  const started = await app.post('/api/bots/a/executions', {})
  check(t, 'post', '/api/bots/{bot}/executions', started)
  const { id } = started.body
  await app.ended(id)
  check(t, 'get', '/api/executions/{id}', await app.get(`/api/executions/${id}`))
  check(t, 'get', '/api/executions', await app.get('/api/executions'))
  check(t, 'get', '/api/executions', await app.get('/api/executions?bot=a&state=succeeded,failed&trigger=api&since=1'))
  check(t, 'get', '/api/executions', await app.get('/api/executions?state=x'))
  check(t, 'get', '/api/bots/{bot}/executions', await app.get('/api/bots/a/executions'))
  check(t, 'get', '/api/executions/latest', await app.get(`/api/executions/latest?bots=${started.body.botId}`))
  check(t, 'get', '/api/executions/latest', await app.get('/api/executions/latest?bots=a'))
  check(t, 'get', '/api/bots', await app.get('/api/bots?search=a'))
  const trial = await app.post('/api/bots/trials', { bot: { name: 'a', command: ['true'] } })
  check(t, 'post', '/api/bots/trials', trial)
  await app.ended(trial.body.id)
  check(t, 'get', '/api/executions/{id}', await app.get(`/api/executions/${trial.body.id}`))
  check(t, 'post', '/api/bots/trials', await app.post('/api/bots/trials', { bot: { name: 'a', command: [''] } }))
  check(t, 'post', '/api/executions/{id}/cancel', await app.post(`/api/executions/${id}/cancel`))
  check(t, 'post', '/api/bots/{bot}/executions', await app.post('/api/bots/a/executions', { parameters: { x: 1 } }))

  const sleeper = await app.makeBot(['sleep', '600'])
  const running = await app.start(sleeper)
  await app.until(running.id, execution => execution.state === 'running')
  check(t, 'get', '/api/executions/{id}', await app.get(`/api/executions/${running.id}`))
  check(t, 'delete', '/api/bots/{bot}', await app.delete(`/api/bots/${sleeper.id}`))
  check(t, 'post', '/api/executions/{id}/cancel', await app.post(`/api/executions/${running.id}/cancel`))
  await app.ended(running.id)
  check(t, 'get', '/api/executions/{id}', await app.get(`/api/executions/${running.id}`))

  const put = (value: string) => app.request('PUT', '/api/secrets/TOKEN', { body: { value } })
  check(t, 'put', '/api/secrets/{name}', await put('hunter22'))
  check(t, 'put', '/api/secrets/{name}', await put('hunter33'))
  check(t, 'put', '/api/secrets/{name}', await put('short'))
  await app.patch('/api/bots/a', { secrets: ['TOKEN'] })
  await app.ended((await app.start((await app.get('/api/bots/a')).body)).id)
  check(t, 'get', '/api/secrets', await app.get('/api/secrets'))
  check(t, 'delete', '/api/secrets/{name}', await app.delete('/api/secrets/TOKEN'))
  const maker = await app.finished(['/bin/sh', '-c', 'echo x=1 >>"$BOTYARD_OUTPUT"; echo hi >"$BOTYARD_ARTIFACTS/a"'])
  check(t, 'get', '/api/executions/{id}', await app.get(`/api/executions/${maker.id}`))
  check(t, 'get', '/api/executions/{id}/artifacts', await app.get(`/api/executions/${maker.id}/artifacts`))
  const artifact = '/api/executions/{id}/artifacts/{name}'
  check(t, 'get', artifact, await app.get(`/api/executions/${maker.id}/artifacts/a`))
  check(t, 'get', artifact, await app.get(`/api/executions/${maker.id}/artifacts/a`, { range: 'bytes=1-' }))
  check(t, 'get', artifact, await app.get(`/api/executions/${maker.id}/artifacts/b`))
  const reader = await app.start(await app.makeBot(['head', '-n', '1'], { input: true }))
  await app.until(reader.id, execution => execution.state === 'running')
  const size = { columns: 100, rows: 30 }
  const send = () => app.post(`/api/executions/${reader.id}/input`, { text: 'line\n' })
  check(t, 'post', '/api/executions/{id}/resize', await app.post(`/api/executions/${reader.id}/resize`, size))
  check(t, 'post', '/api/executions/{id}/input', await send())
  await app.ended(reader.id)
  check(t, 'post', '/api/executions/{id}/input', await send())

  check(t, 'delete', '/api/bots/{bot}', await app.delete('/api/bots/a'))
  check(t, 'delete', '/api/secrets/{name}', await app.delete('/api/secrets/TOKEN'))
  check(t, 'get', '/api/executions/{id}', await app.get(`/api/executions/${id}`))
  check(t, 'get', '/health/db', await app.get('/health/db'))
  check(t, 'get', '/health/storage', await app.get('/health/storage'))
  check(t, 'post', '/api/auth/logout', await app.post('/api/auth/logout'))
})

t.test('the document names the address people use', async t => {
  const app = await buildApp(t, { config: { publicUrl: 'https://bots.example.com' } })
  t.same((await documentOf(app)).servers, [{ url: 'https://bots.example.com' }])
})
