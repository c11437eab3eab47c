import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { endOf } from '../support/attempts.ts'
import { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { putSecret, secretsOf } from '../support/secrets.ts'
import { startServer } from '../support/server.ts'

const FIRST = 'canary "one" of\nsix lines & more'
const SECOND = 'canary-two/of+many'
const REFUSED = 'canary-three\0'

/** Whatever of a value must not be found where it has no business, as it may be written there. */
const forms = [FIRST, SECOND, REFUSED].flatMap(value => {
  const pieces = value.split(/[\n\0]/).filter(piece => piece.length >= 6)
  return [...pieces, ...pieces.map(encodeURIComponent), ...base64Of(value)]
})

/** The part of its base64 that is the same whatever stands before and behind it, for each place it can begin at. */
function base64Of(value: string): string[] {
  return [0, 1, 2].map(before => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]).toString('base64')
    return encoded.slice(4, -4)
  })
}

/** A bot that tells what it should not, and ends with the one thing that may be told. */
const TELLS = `echo "$TOKEN $SECOND_TOKEN"; printf %s "$TOKEN" | base64; printf %s "$SECOND_TOKEN" | base64
printf %s "$TOKEN" | sha256sum | cut -d ' ' -f 1`

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
}

t.test('a value is in no answer, no event, no line of the server’s log, and in no file of its data folder', async t => {
  const dataDir = join(testFolder(t), 'data')
  const server = await startServer(t, dataDir, { LOG_LEVEL: 'trace' })
  const answers: string[] = []
  const keep = async (answer: Promise<{ text: string }>) => answers.push((await answer).text)
  const events = await server.stream('/api/events?topics=bots,executions,secrets')

  await keep(putSecret(server, 'TOKEN', FIRST, 'what it is for'))
  await keep(putSecret(server, 'TOKEN', SECOND))
  await keep(putSecret(server, 'SECOND_TOKEN', FIRST))
  await keep(putSecret(server, 'PATH', FIRST))
  await keep(putSecret(server, 'TOKEN', REFUSED))
  await keep(putSecret(new Client(server.url), 'TOKEN', FIRST))
  await keep(server.request('PUT', '/api/secrets/TOKEN', { body: { value: [FIRST] } }))
  await keep(server.request('PUT', '/api/secrets/TOKEN', { raw: `{"value":${SECOND}}` }))
  await keep(server.request('PUT', '/api/secrets/TOKEN', { body: { value: SECOND, more: SECOND } }))
  await keep(server.request('PUT', '/api/secrets/TOKEN', { raw: SECOND, headers: { 'content-type': 'text/plain' } }))
  await keep(server.post('/api/secrets/TOKEN', { value: FIRST }))

  const command = ['/bin/sh', '-c', TELLS]
  const bot = await server.makeBot(command, { secrets: ['TOKEN', 'SECOND_TOKEN'] })
  const { id } = await server.start(bot)
  t.match(await endOf(server, id), { state: 'succeeded' })
  t.match((await server.downloadLog(id)).toString(), createHash('sha256').update(SECOND).digest('hex'), 'it was given')
  const trial = { name: 'tried', command, secrets: ['TOKEN'] }
  const tried = (await server.post('/api/bots/trials', { bot: trial })).body
  await endOf(server, tried.id)
  const broken = await server.makeBot(['/nowhere'], { name: 'broken', secrets: ['TOKEN'] })
  t.match(await endOf(server, (await server.start(broken)).id), { state: 'failed' })

  for (const path of [
    '/api/secrets',
    '/api/secrets/TOKEN',
    '/api/bots',
    `/api/bots/${bot.id}`,
    '/api/executions',
    `/api/executions/${id}`,
    `/api/executions/${id}/log`,
    '/openapi/openapi.json'
  ]) {
    await keep(server.get(path))
  }
  await keep(server.delete('/api/secrets/TOKEN'))
  t.same(
    (await secretsOf(server)).map(({ name }) => name),
    ['SECOND_TOKEN', 'TOKEN']
  )

  const places = new Map([
    ['the answers', answers.join('\n')],
    ['the events', events.raw()],
    ['the log of the server', server.output]
  ])
  events.close()
  t.match(places.get('the events'), 'secrets.changed')
  t.match(places.get('the log of the server'), '/api/secrets/TOKEN')
  // While it runs, and after it was killed: nothing is tidied up by then.
  for (const path of filesBelow(dataDir)) places.set(`${path} while it runs`, readFileSync(path, 'latin1'))
  await server.kill('SIGKILL')
  for (const path of filesBelow(dataDir)) places.set(path, readFileSync(path, 'latin1'))
  t.ok(places.has(join(dataDir, 'botyard.db-wal')), 'the write-ahead log is among them')
  t.ok(
    [...places.values()].some(text => text.includes('what it is for')),
    'what is kept as it is can be found'
  )
  for (const [place, text] of places) {
    for (const form of forms) if (text.includes(form)) t.fail(`${JSON.stringify(form)} is in ${place}`)
  }
})
