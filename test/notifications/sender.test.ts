import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import t, { type Test } from 'tap'
import type { ChannelRequest } from '../../src/notifications/channels/kind.ts'
import { Sender } from '../../src/notifications/sender.ts'
import { type MailSettings, readSmtpUrl, type SmtpServer } from '../../src/notifications/smtp-url.ts'
import { AllowList } from '../../src/outgoing/allow-list.ts'
import { Guard } from '../../src/outgoing/guard.ts'
import { Outgoing } from '../../src/outgoing/outgoing.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { makeCertificate, needsOpenssl, startMailServer } from '../support/mail-server.ts'

const never = new AbortController().signal

function made(t: Test, allowed = ['127.0.0.1', 'localhost'], mail: MailSettings | null = null): Sender {
  const outgoing = (entries: string[]) => new Outgoing(new Guard(new AllowList(entries)), 2000)
  const sender = new Sender(outgoing(allowed), outgoing(mail ? [mail.server.host] : []), mail)
  t.teardown(() => sender.close())
  return sender
}

const ask = (url: string): ChannelRequest => ({ by: 'http', method: 'POST', url, headers: {}, body: 'x' })
const mail = (smtpUrl: string | null, from: string | null = 'bots@example.com'): ChannelRequest => ({
  by: 'mail',
  smtpUrl,
  from,
  to: ['a@example.com', 'b@example.com'],
  subject: 'Größe failed',
  text: 'Why: it ended.\n'
})

t.test('what is to be tried again is told from what is not', async t => {
  const target = await startHttpTarget(t)
  const sender = made(t)
  const answered = async (status: number, headers: Record<string, string> = {}, body = '') => {
    target.answer = response => void response.writeHead(status, headers).end(body)
    return sender.send(ask(target.url), [], never)
  }
  for (const status of [200, 201, 202, 204]) t.equal((await answered(status)).kind, 'sent', `${status}`)
  for (const status of [400, 401, 403, 404, 410, 413]) t.equal((await answered(status)).kind, 'refused', `${status}`)
  for (const status of [408, 429, 500, 502, 503, 504]) t.equal((await answered(status)).kind, 'again', `${status}`)
  t.match(await answered(301, { location: 'http://127.0.0.1/' }), { kind: 'refused', detail: /redirect/ })

  t.match(await answered(429, { 'retry-after': '30' }), { kind: 'again', afterMs: 30_000 })
  t.match(await answered(503, { 'retry-after': '0.5' }), { afterMs: 500 })
  t.match(
    await answered(429, {}, '{"ok":false,"parameters":{"retry_after":7}}'),
    { afterMs: 7000 },
    'as Telegram says it'
  )
  const { afterMs } = (await answered(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })) as {
    afterMs: number
  }
  t.ok(afterMs > 0 && afterMs <= 60_000)
  t.match(await answered(503, { 'retry-after': '99999999999' }), { afterMs: 86_400_000 }, 'a day at most')
  for (const value of ['soon', '']) t.match(await answered(503, { 'retry-after': value }), { afterMs: null }, value)
})

t.test('what went wrong is said in words, without what is secret', async t => {
  const target = await startHttpTarget(t)
  const sender = made(t)
  const url = `${target.url}/services/T0000000/hush%20hush?key=abcdefgh`
  target.answer = (response, { path }) =>
    void response.writeHead(404).end(`<b>Cannot</b>\u0007 POST ${path}\n${'x'.repeat(5000)}`)
  const { detail } = await sender.send(ask(url), [url], never)
  t.match(detail, /^It answered 404: <b>Cannot<\/b> POST \/\*\*\*\/\*\*\*\/\*\*\*\?key=\*\*\* x+…$/)
  t.ok(detail.length < 300)

  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  await new Promise(resolve => closed.close(resolve))
  t.same(await sender.send(ask(`http://127.0.0.1:${port}`), [], never), {
    kind: 'again',
    detail: 'The connection was refused.',
    afterMs: null
  })
  t.match(await sender.send(ask('http://127.0.0.2:1'), [], never), {
    kind: 'refused',
    detail: /127\.0\.0\.2 is not on the internet/
  })
})

t.test('a mail server that wants nothing gets the mail as it is', async t => {
  const { port, letters } = await startMailServer(t, { disabledCommands: ['STARTTLS', 'AUTH'] })
  const verdict = await made(t).send(mail(`smtp://127.0.0.1:${port}`), [], never)
  t.match(verdict, { kind: 'sent', detail: /^250/ })
  t.match(letters, [{ from: 'bots@example.com', to: ['a@example.com', 'b@example.com'], user: null, encrypted: false }])
  t.match(letters[0]!.text, /^Subject: =\?UTF-8\?/m)
  t.match(letters[0]!.text, /^Why: it ended\.$/m)
})

t.test('the server’s own mail server may be this machine, and a user’s may not', async t => {
  const { port, letters } = await startMailServer(t, { disabledCommands: ['STARTTLS', 'AUTH'] })
  const server = readSmtpUrl(`smtp://127.0.0.1:${port}`) as SmtpServer
  const sender = made(t, [], { server, from: 'server@example.com' })
  t.equal((await sender.send(mail(null, null), [], never)).kind, 'sent')
  t.equal(letters[0]!.from, 'server@example.com')
  for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '[::1]'])
    t.match(
      await sender.send(mail(`smtp://${host}:${port}`), [], never),
      { kind: 'refused', detail: /not on the internet/ },
      host
    )
  t.equal(letters.length, 1)
  t.match(await made(t).send(mail(null), [], never), { kind: 'refused', detail: /SMTP_URL is not set/ })
})

t.test('mail is encrypted and signed in for, from the start or when the server offers it', needsOpenssl, async t => {
  const { key, cert } = makeCertificate(t)
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  t.teardown(() => setDefaultCACertificates(before))
  const users = { bots: 'pass word' }
  for (const secure of [true, false]) {
    const { port, letters } = await startMailServer(t, { key, cert, secure }, users)
    const at = `localhost:${port}`
    const scheme = secure ? 'smtps' : 'smtp'
    t.equal((await made(t).send(mail(`${scheme}://bots:pass%20word@${at}`), [], never)).kind, 'sent')
    t.match(letters, [{ user: 'bots', encrypted: true }])
    const wrong = await made(t).send(mail(`${scheme}://bots:wrong@${at}`), [], never)
    t.match(wrong, { kind: 'refused', detail: /Invalid username or password/ })
    t.equal(letters.length, 1)
  }
})

t.test('whoever cannot prove that he is the mail server gets neither mail nor password', needsOpenssl, async t => {
  const { key, cert } = makeCertificate(t)
  let passwords = 0
  const onAuth = (_auth: unknown, _session: unknown, done: (error: Error | null, answer: { user: string }) => void) => {
    passwords++
    done(null, { user: 'x' })
  }
  for (const secure of [true, false]) {
    const { port, letters } = await startMailServer(t, { key, cert, secure, onAuth })
    const verdict = await made(t).send(mail(`${secure ? 'smtps' : 'smtp'}://u:p@localhost:${port}`), [], never)
    t.match(verdict, { kind: 'again', detail: /self-signed certificate/ })
    t.same(letters, [])
  }
  t.equal(passwords, 0)
})

t.test('a mail server that hangs is given up, one that is busy tried again, one that refuses not', async t => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => void silent.close())
  const stopping = new AbortController()
  silent.once('connection', () => stopping.abort())
  const { port } = silent.address() as AddressInfo
  t.match(await made(t).send(mail(`smtp://127.0.0.1:${port}`), [], stopping.signal), {
    kind: 'again',
    detail: 'It was broken off.'
  })

  for (const [responseCode, kind] of [
    [451, 'again'],
    [550, 'refused']
  ] as const) {
    const { port } = await startMailServer(t, {
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('not now'), { responseCode }))
    })
    t.match(
      await made(t).send(mail(`smtp://127.0.0.1:${port}`), [], never),
      { kind, detail: /not now/ },
      `${responseCode}`
    )
  }
})

t.test('a mail that one of its readers does not get was sent, and says so', async t => {
  const { port, letters } = await startMailServer(t, {
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      done(address.startsWith('b@') ? Object.assign(new Error('unknown'), { responseCode: 550 }) : null)
    }
  })
  const verdict = await made(t).send(mail(`smtp://127.0.0.1:${port}`), [], never)
  t.match(verdict, { kind: 'sent', detail: /It refused b@example\.com/ })
  t.same(letters[0]!.to, ['a@example.com'])
})
