import { lookup } from 'node:dns'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { AllowList } from '../../src/outgoing/allow-list.ts'
import { Guard } from '../../src/outgoing/guard.ts'
import { failureOf, Outgoing, urlProblem } from '../../src/outgoing/outgoing.ts'
import { startDns } from '../support/dns.ts'
import { startHttpTarget } from '../support/http-target.ts'

function made(t: Test, allowed: string[] = [], resolve: typeof lookup = lookup, timeoutMs?: number): Outgoing {
  const outgoing = new Outgoing(new Guard(new AllowList(allowed), resolve), timeoutMs)
  t.teardown(() => outgoing.close())
  return outgoing
}

const get = (url: string) => ({ method: 'GET' as const, url, headers: {}, body: null })

t.test('this machine and its network are refused, however they are spelled', async t => {
  const target = await startHttpTarget(t)
  const outgoing = made(t)
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0',
    '0.0.0.0',
    'localhost'
  ]
  const hostsV6 = ['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]']
  const others = ['169.254.169.254', '10.0.0.1', '[fd00:ec2::254]', '１２７.０.０.１', '127.0.0.1.', 'LOCALHOST']
  for (const host of [...hosts, ...hostsV6, ...others])
    await t.rejects(outgoing.send(get(`http://${host}:${target.port}/`)), { name: 'RefusedAddress' }, host)
  for (const host of [...hosts, ...hostsV6.map(host => host.slice(1, -1))])
    await t.rejects(outgoing.connect(host, target.port), { name: 'RefusedAddress' }, `${host}, not by HTTP`)
  await t.rejects(outgoing.send(get(`https://127.0.0.1:${target.port}/`)), { name: 'RefusedAddress' }, 'nor by https')
  t.same(target.arrived, [])
})

t.test('what is allowed by name is sent to, and its neighbours are not', async t => {
  const target = await startHttpTarget(t)
  const byName = made(t, ['localhost'])
  t.match(await byName.send(get(`http://localhost:${target.port}/a?b=c#d`)), { status: 204 })
  await t.rejects(byName.send(get(`http://127.0.0.1:${target.port}/`)), { name: 'RefusedAddress' })
  const byNetwork = made(t, ['127.0.0.0/8'])
  for (const host of ['127.0.0.1', '0x7f.1'])
    t.equal((await byNetwork.send(get(`http://${host}:${target.port}`))).status, 204)
  t.match(target.arrived, [{ path: '/a?b=c', headers: { 'user-agent': 'Botyard' } }, { path: '/' }, { path: '/' }])
  const socket = await byNetwork.connect('127.0.0.1', target.port)
  t.equal(socket.remoteAddress, '127.0.0.1')
  socket.destroy()
})

t.test('a name that leads elsewhere as soon as it was looked at leads nowhere', async t => {
  const target = await startHttpTarget(t)
  const asked: string[] = []
  let leadsTo = '127.0.0.1'
  const resolve = await startDns(t, name => {
    asked.push(name)
    return leadsTo
  })
  const outgoing = made(t, ['127.0.0.1'], resolve)
  const url = `http://rebinds.example:${target.port}/`
  t.equal((await outgoing.send(get(url))).status, 204, 'while it leads where it may')
  leadsTo = '127.0.0.2'
  await t.rejects(outgoing.send(get(url)), {
    name: 'RefusedAddress',
    message: /rebinds\.example \(127\.0\.0\.2\) is not on/
  })
  await t.rejects(outgoing.connect('rebinds.example', target.port), { name: 'RefusedAddress' })
  leadsTo = '169.254.169.254'
  await t.rejects(outgoing.send(get(url)), { name: 'RefusedAddress' })
  t.same(asked, Array(4).fill('rebinds.example'), 'it is looked up once for each connection, and no connection is kept')
  t.equal(target.arrived.length, 1)
})

t.test('a redirect is an answer, and is not followed', async t => {
  const inside = await startHttpTarget(t, '127.0.0.2')
  const target = await startHttpTarget(t)
  target.answer = response => void response.writeHead(302, { location: inside.url }).end('moved')
  const answer = await made(t, ['127.0.0.0/8']).send(get(target.url))
  t.match(answer, { status: 302, headers: { location: inside.url }, text: 'moved' })
  t.same(inside.arrived, [])
})

t.test('a proxy of the environment is not asked', async t => {
  const proxy = await startHttpTarget(t)
  const target = await startHttpTarget(t)
  const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url
  t.teardown(() => {
    for (const name of names) delete process.env[name]
  })
  t.equal((await made(t, ['127.0.0.1']).send(get(target.url))).status, 204)
  t.same(proxy.arrived, [])
})

t.test('of an answer that does not end only the beginning is read', async t => {
  const target = await startHttpTarget(t)
  const { promise: gone, resolve: left } = Promise.withResolvers<void>()
  target.answer = response => {
    response.on('close', left)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(1000)));
    }
    response.on('drain', more)
    more()
  }
  const answer = await made(t, ['127.0.0.1']).send(get(target.url))
  t.equal(answer.text, 'x'.repeat(4096))
  await gone
})

t.test('whoever does not answer is given up, and so is whoever is asked as the server stops', async t => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => void silent.close())
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
  const outgoing = made(t, ['127.0.0.1'])
  const stopping = new AbortController()
  const waiting = outgoing.send(get(url), stopping.signal)
  silent.once('connection', () => stopping.abort(new Error('the server stops')))
  await t.rejects(waiting, { message: 'the server stops' })
  const error = await made(t, ['127.0.0.1'], lookup, 100)
    .send(get(url))
    .catch(error => error)
  t.equal(failureOf(error), 'No answer came in time.')
})

t.test('an answer that breaks off counts by its status', async t => {
  const target = await startHttpTarget(t)
  target.answer = response => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  }
  t.match(await made(t, ['127.0.0.1']).send(get(target.url)), { status: 200, text: 'half' })
})

t.test('only http and https, without a user, can be sent to', async t => {
  for (const url of ['file:///etc/passwd', 'gopher://a', 'ftp://a', 'javascript:1', 'nonsense', '', '//a'])
    t.match(urlProblem(url), /must begin with https/, url)
  t.match(urlProblem('https://user:password@example.com'), /must not have a user/)
  for (const url of ['https://example.com/x', 'http://localhost:1']) t.equal(urlProblem(url), null, url)
  await t.rejects(made(t).send(get('file:///etc/passwd')), { message: /must begin with https/ })
})
