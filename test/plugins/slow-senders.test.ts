/** Who is put out while the body of his request is still on its way. */
import { once } from 'node:events'
import net from 'node:net'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { signedInAs } from '../support/users.ts'

/** A request whose server has looked at its sender, and whose body has not come yet. */
async function begin(client: Client, path: string, body: string) {
  const { hostname, port } = new URL(client.url)
  const socket = net.connect(Number(port), hostname)
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk
  })
  const headers = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${client.token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    'Connection: close'
  ]
  socket.write(`${headers.join('\r\n')}\r\n\r\n`)
  // That is said when the headers have been read, in the very step in which the sender is looked at.
  while (!answer.includes('100 Continue')) await once(socket, 'data')
  return {
    async end(): Promise<number> {
      socket.write(body)
      await once(socket, 'close')
      return Number(/HTTP\/1\.1 (\d+) (?!Continue)/.exec(answer.replace('HTTP/1.1 100 Continue', ''))?.[1])
    }
  }
}

t.test('who was put out while his body was on its way has sent it for nothing', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const { id } = (await operator.get('/api/auth/me')).body
  const made = await operator.post('/api/tokens', { password: ADMIN.password, name: 'ci', role: 'operator' })
  const program = new Client(app.url)
  program.token = made.body.value
  const bot = (name: string) => JSON.stringify({ name, command: ['true'] })

  const goesOn = await begin(operator, '/api/bots', bot('before'))
  t.equal(await goesOn.end(), 201)

  const revoked = await begin(program, '/api/bots', bot('by a revoked token'))
  await operator.delete(`/api/tokens/${made.body.token.id}`)
  t.equal(await revoked.end(), 401)

  const lesser = await begin(operator, '/api/bots', bot('by a viewer'))
  await app.patch(`/admin/users/${id}`, { role: 'viewer' })
  t.equal(await lesser.end(), 403)
  await app.patch(`/admin/users/${id}`, { role: 'operator' })

  const disabled = await begin(operator, '/api/bots', bot('by nobody'))
  await app.patch(`/admin/users/${id}`, { disabled: true })
  t.equal(await disabled.end(), 401)
  t.same(
    (await app.get('/api/bots')).body.items.map((one: { name: string }) => one.name),
    ['before']
  )
})
