import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import type { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, follow, printing, Reader, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { putSecret } from '../support/secrets.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const TOKEN = 'Zq7XkP/s "w+rd" ünd Lm4Tz~!'
const KEY = 'Kb3Wv9MIIBVgIBADANBg/qhk+iG9w0\nQj8s\nYh5NcAQEFAASCAUAwggE8AgEAAkEA'
/** Of these, what no encoding changes. */
const TELLTALES = ['Zq7Xk', 'Lm4Tz', 'Kb3Wv', 'Qj8s', 'Yh5Nc']

/** Some of what a bot prints, and what is to be seen of it. */
interface Said {
  printed: string
  seen: string
}

/** Puts a text together from parts that may be seen and, between them, parts that must not be. */
function say(parts: TemplateStringsArray, ...secrets: string[]): Said {
  const hidden = secrets.map(secret => secret.replace(/[^\n]/gu, character => '*'.repeat(Buffer.byteLength(character))))
  return { printed: String.raw({ raw: parts }, ...secrets), seen: String.raw({ raw: parts }, ...hidden) }
}

/** Watches an execution by every way there is, while it runs and afterwards. */
class Witness {
  readonly client: Client
  readonly id: string
  readonly log: Reader
  readonly news: Reader
  /** All that it was ever shown. */
  #seen: string[] = []

  static async of(client: Client, id: string): Promise<Witness> {
    return new Witness(client, id, await follow(client, id), await news(client, id))
  }

  private constructor(client: Client, id: string, log: Reader, news: Reader) {
    this.client = client
    this.id = id
    this.log = log
    this.news = news
  }

  /** Asks for what can be asked for. */
  async look(): Promise<void> {
    const address = `/api/executions/${this.id}`
    const answers = await Promise.all([
      this.client.get(`${address}/log`),
      this.client.get(`${address}/log?fromLine=1&lines=1000`),
      this.client.get(`${address}/log?tail=3`),
      this.client.get(address)
    ])
    this.#seen.push(...answers.map(({ text }) => text))
  }

  async leave(): Promise<void> {
    await this.log.leave()
    await this.news.leave()
  }

  get seen(): string {
    return [...this.#seen, this.log.stream.raw(), this.log.text, this.news.stream.raw()].join('\n')
  }
}

const news = async (client: Client, id: string) => new Reader(await client.stream(`/api/events?topics=log:${id}`))

/** What a text becomes in base64 that begins with `before` bytes; of the secret's own characters the inner ones hide. */
function inBase64(secret: string, before: string, after: string): Said {
  const printed = Buffer.from(before + secret + after).toString('base64')
  const [from, to] = [Buffer.byteLength(before) * 8, Buffer.byteLength(before + secret) * 8]
  const [first, last] = [Math.ceil(from / 6), Math.floor(to / 6)]
  return { printed, seen: printed.slice(0, first) + '*'.repeat(last - first) + printed.slice(last) }
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
const inAsciiJson = (text: string) =>
  inJson(text).replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const inUrl = (text: string) => encodeURIComponent(text)
const inForm = (text: string) => new URLSearchParams({ t: text }).toString().slice(2)
const lowerHex = (text: string) => text.replace(/%../g, code => code.toLowerCase())

/** Lines in which the secrets stand in all the ways that are known. */
function everyWay(): Said[] {
  const lines = [
    say`raw: ${TOKEN}, twice: ${TOKEN}${TOKEN}.`,
    say`${TOKEN}`,
    say`json: {"token": "${inJson(TOKEN)}", "n": 1}`,
    say`php: {"token":"${inJson(TOKEN).replaceAll('/', '\\/')}"}`,
    say`python: {"token": "${inAsciiJson(TOKEN)}"}`,
    say`url: https://example.com/?token=${inUrl(TOKEN)}&n=1`,
    say`url: https://example.com/?token=${lowerHex(inUrl(TOKEN))}&n=1`,
    say`form: n=1&token=${inForm(TOKEN)}&m=2`,
    say`form: n=1&token=${lowerHex(inForm(TOKEN))}&m=2`,
    say`lines:\n${KEY}\nand one: ${KEY.split('\n')[0]!} alone, ${KEY.split('\n')[2]!}, Qj is not one`,
    say`key: {"key": "${inJson(KEY)}"}`
  ]
  for (const before of ['', 'u', 'us', 'user:']) {
    const { printed, seen } = inBase64(TOKEN, before, '@host')
    lines.push({ printed: `authorization: Basic ${printed}`, seen: `authorization: Basic ${seen}` })
  }
  return lines.map(({ printed, seen }) => ({ printed: `${printed}\n`, seen: `${seen}\n` }))
}

const printedOf = (said: Said[]) => said.map(({ printed }) => printed).join('')
const seenOf = (said: Said[]) => said.map(({ seen }) => seen).join('')

async function startKnowing(client: Client, command: string[], more: Record<string, unknown> = {}): Promise<string> {
  for (const [name, value] of Object.entries({ TOKEN, KEY })) await putSecret(client, name, value)
  return (await client.start(await client.makeBot(command, { secrets: ['TOKEN', 'KEY'], ...more }))).id
}

/** The files of the only attempt in a data folder. */
function attemptIn(dataDir: string) {
  const attempts = join(dataDir, 'attempts')
  const folder = join(attempts, readdirSync(attempts)[0]!)
  const path = (name: string) => join(folder, name)
  return { log: () => readFileSync(path('log')), hasMasks: () => existsSync(path('masks')), path }
}

const showsNothing = (t: Test, text: string, where: string) => {
  for (const telltale of TELLTALES) t.notOk(text.includes(telltale), `${telltale} in ${where}`)
}

t.test('a secret is seen nowhere, in whatever way and at whatever pace a bot prints it', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startKnowing(app, feed.command)
  const witness = await Witness.of(app, id)
  const said = everyWay()
  for (const line of said) {
    await feed.write(line.printed)
    await witness.look()
  }
  await witness.log.sees(seenOf(said))
  await witness.look()
  await feed.write(printedOf(said))
  await feed.end()
  await app.ended(id)
  await witness.log.done
  await witness.look()

  const seen = seenOf([...said, ...said])
  t.equal(witness.log.text, seen)
  t.equal((await app.downloadLog(id)).toString(), seen)
  const attempt = attemptIn(app.config.dataDir)
  t.equal(attempt.log().toString(), seen)
  const { items } = (await app.get(`/api/executions/${id}/log?fromLine=1&lines=1000`)).body
  t.same(
    items.map(({ text }: { text: string }) => text),
    seen.split('\n').slice(0, -1)
  )
  await witness.leave()
  showsNothing(t, witness.seen, 'what anybody was shown')
  for (const name of ['launch.json', 'index'])
    showsNothing(t, readFileSync(attempt.path(name)).toString('latin1'), name)
  await eventually('the masks to be gone', () => !attempt.hasMasks())
})

t.test('a secret that comes in two parts is not shown in part, however long the second takes', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startKnowing(app, feed.command)
  const witness = await Witness.of(app, id)
  const bytes = Buffer.from(TOKEN)
  let seen = ''
  for (let cut = 1; cut < bytes.length; cut++) {
    await feed.write(Buffer.concat([Buffer.from(`${cut}: `), bytes.subarray(0, cut)]))
    // Shown as an unfinished line, when it has been quiet for a while.
    await witness.log.sees(`${seen}${cut}: `)
    t.equal(witness.log.text, `${seen}${cut}: `)
    await feed.write(Buffer.concat([bytes.subarray(cut), Buffer.from('\n')]))
    seen += `${cut}: ${'*'.repeat(bytes.length)}\n`
    await witness.log.sees(seen)
  }
  await feed.write(`${bytes.toString('latin1', 0, 5)} is no secret\n`)
  await feed.end()
  await witness.log.done
  t.equal(witness.log.text, `${seen}${bytes.toString('latin1', 0, 5)} is no secret\n`)
  await witness.leave()
})

t.test('a secret printed byte by byte is not seen either', async t => {
  const app = await buildApp(t)
  const said = everyWay()
  const id = await startKnowing(app, printing(t, printedOf(said), 'log-bytewise'))
  const witness = await Witness.of(app, id)
  await app.ended(id)
  await witness.log.done
  await witness.leave()
  t.equal(witness.log.text, seenOf(said))
  showsNothing(t, witness.seen, 'what anybody was shown')
})

t.test('a bot masks what it has come to know, from there on', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const reader = await follow(app, id)
  await feed.write('hunter22 is known\n')
  await reader.sees('known\n')
  const attempt = attemptIn(app.config.dataDir)
  t.notOk(attempt.hasMasks(), 'there is nothing to hide yet')

  await feed.write('::add-mask::hunter')
  await feed.write('22\nhunter22, aHVudGVyMjI=\n')
  await reader.sees('=\n')
  t.ok(attempt.hasMasks())
  t.notOk(readFileSync(attempt.path('masks')).includes('hunter22'), 'it is sealed')
  await feed.write('::add-mask::two%0Alines of 100%25\r\nlines of 100%\n')
  await feed.write(' ::add-mask::no command\n::add-mask::short\n::add-mask::******\nshort, no command, ******\n')
  await feed.end()
  await reader.done
  const seen = [
    'hunter22 is known',
    '::add-mask::********',
    '********, **********I=',
    '::add-mask::*********************\r',
    '*************',
    ' ::add-mask::no command',
    '::add-mask::short',
    '::add-mask::******',
    'short, no command, ******',
    ''
  ]
  t.equal(reader.text, seen.join('\n'))
  t.equal(attempt.log().toString(), seen.join('\n'))
  await eventually('the masks to be gone', () => !attempt.hasMasks())
})

t.test('a bot without secrets leaves no file of masks', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\n')
  await app.printed(id, 'one\n')
  t.notOk(attemptIn(app.config.dataDir).hasMasks())
  await feed.end()
  await app.ended(id)
})

t.test('a log that is cut at its limit within a secret does not show the first half of it', async t => {
  const app = await buildApp(t)
  for (const shown of [7, 20]) {
    const before = 'x'.repeat(4096 - shown)
    const { id } = await app.ended(
      await startKnowing(app, printing(t, `${before}${TOKEN}${'y'.repeat(100)}`), { maxLogBytes: 4096 })
    )
    t.match(await app.execution(id), { state: 'failed', reason: 'log_limit' })
    const hidden = before + '*'.repeat(shown)
    t.equal(
      (await app.downloadLog(id)).toString(),
      `${hidden}\n[botyard] The log reached its limit of 4096 bytes, so the bot was ended.\n`
    )
  }
})

t.test('what a bot prints while no server runs is hidden before anybody reads it', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const feed = await Feed.open(t)
  const said = everyWay()
  const first = await startServer(t, dataDir)
  const id = await startKnowing(first, feed.command)
  const reader = await follow(first, id)
  const masked = say`masked: ${'hunter22'}\n`
  await feed.write(`${printedOf(said)}::add-mask::hunter22\n`)
  await reader.sees('::add-mask::********\n')
  // It goes on with what it was started with.
  await putSecret(first, 'TOKEN', 'another value')
  await feed.write(`prompt> ${TOKEN.slice(0, 4)}`)
  await reader.sees('prompt> ')
  await first.kill('SIGKILL')
  await reader.done

  const rest = `${TOKEN.slice(4)} another value\n`
  await feed.write(rest + masked.printed + printedOf(said) + TOKEN.slice(0, 3))
  const attempt = attemptIn(dataDir)
  await eventually('it to be printed', () => attempt.log().length === feed.bytes.length)
  t.ok(attempt.log().includes(TOKEN), 'nobody has looked')

  const second = await startServer(t, dataDir)
  const [resumed, anew, page, download] = await Promise.all([
    follow(second, id, { lastEventId: reader.lastEventId }),
    Witness.of(second, id),
    second.get(`/api/executions/${id}/log?tail=1000`),
    second.downloadLog(id)
  ])
  showsNothing(t, page.text, 'the first page')
  showsNothing(t, download.toString(), 'the first download')
  await feed.write(`${TOKEN.slice(3)}\n${masked.printed}`)
  await resumed.sees(masked.seen.repeat(1))
  await anew.look()
  await second.kill('SIGKILL')

  await feed.write(printedOf(said))
  await feed.end()
  const third = await startServer(t, dataDir)
  await resumed.done
  const last = await follow(third, id, { lastEventId: resumed.lastEventId })
  await last.done
  await endOf(third, id)

  const line = `prompt> ${'*'.repeat(Buffer.byteLength(TOKEN))} another value\n`
  const next = `${'*'.repeat(Buffer.byteLength(TOKEN))}\n`
  const seen = `${seenOf(said)}::add-mask::********\n${line}${masked.seen}${seenOf(said)}${next}${masked.seen}${seenOf(said)}`
  t.equal(reader.text + resumed.text + last.text, seen, 'a reader that came back missed nothing and saw nothing twice')
  t.equal(attempt.log().toString(), seen)
  t.equal((await third.downloadLog(id)).toString(), seen)
  for (const server of [first, second, third]) showsNothing(t, server.output, "the server's own log")
  showsNothing(t, anew.seen, 'what anybody was shown')
  await eventually('the masks to be gone', () => !attempt.hasMasks())
})

t.test('a log whose secrets cannot be known is shown to nobody until they are', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const keys = ['1', '2'].map(digit => ({ SECRET_KEY: digit.repeat(64) }))
  const feed = await Feed.open(t)
  const first = await startServer(t, dataDir, keys[0])
  const id = await startKnowing(first, feed.command)
  await feed.write('one\n')
  await first.printed(id, 'one\n')
  await first.kill('SIGKILL')
  await feed.write(`${TOKEN}\n`)

  const second = await startServer(t, dataDir, keys[1])
  const address = `/api/executions/${id}/log`
  isProblem(t, await second.get(address), 503, 'unavailable', 'while it runs')
  isProblem(t, await second.get(`${address}?tail=5`), 503, 'unavailable', 'while it runs')
  await feed.end()
  t.match(await endOf(second, id), { state: 'succeeded' })
  isProblem(t, await second.get(address), 503, 'unavailable', 'when it has ended')
  t.match((await second.get(`${address}?tail=5`)).body.detail, /another SECRET_KEY/)
  t.match(second.output, /SECRET_KEY/)
  await second.kill('SIGKILL')

  const third = await startServer(t, dataDir, keys[0])
  const [page, download] = await Promise.all([third.get(`${address}?tail=5`), third.downloadLog(id)])
  const seen = `one\n${'*'.repeat(Buffer.byteLength(TOKEN))}\n`
  t.equal(download.toString(), seen)
  t.equal(page.body.items[1].text, seen.split('\n')[1])
  const attempt = attemptIn(dataDir)
  t.equal(attempt.log().toString(), seen)
  t.notOk(attempt.hasMasks())
})
