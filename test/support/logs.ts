import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Client, FIXTURE_BOTS } from './client.ts'
import type { EventStream, ServerEvent } from './sse.ts'
import { eventually } from './wait.ts'

/** The command of a fixture bot with arguments. */
export const fixture = (name: string, ...args: string[]): string[] => [
  '/bin/sh',
  join(FIXTURE_BOTS, `${name}.sh`),
  ...args
]

/** A folder beside the test's own, which `buildApp` takes for its data. */
export function scratchFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'botyard-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A command that prints these bytes. */
export function printing(t: Test, bytes: string | Uint8Array, by = 'log-prints'): string[] {
  const file = join(scratchFolder(t), 'bytes')
  writeFileSync(file, bytes)
  return fixture(by, file)
}

/** Numbers below `n` out of a seed that is printed; `SEED` repeats a run. (mulberry32) */
export function seededRandom(t: Test): (n: number) => number {
  let state = Number(process.env.SEED ?? randomInt(2 ** 31))
  t.comment(`SEED=${state}`)
  return n => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

/** A pipe to a bot that prints what is written here, and ends when this ends: the test decides what is printed when. */
export class Feed {
  readonly command: string[]
  readonly #path: string
  readonly #handle: FileHandle
  #written = Buffer.alloc(0)

  private constructor(path: string, handle: FileHandle) {
    this.command = fixture('log-prints', path)
    this.#path = path
    this.#handle = handle
  }

  static async open(t: Test): Promise<Feed> {
    const path = join(scratchFolder(t), 'pipe')
    execFileSync('mkfifo', [path])
    // For reading as well: then it opens before the bot does, and keeps what is written until the bot has come.
    const handle = await open(path, 'r+')
    t.teardown(() => handle.close())
    return new Feed(path, handle)
  }

  /** All that was written so far. */
  get bytes(): Buffer {
    return this.#written
  }

  async write(bytes: string | Uint8Array): Promise<void> {
    this.#written = Buffer.concat([this.#written, Buffer.from(bytes as Uint8Array)])
    await this.#handle.writeFile(bytes)
  }

  async end(): Promise<void> {
    // A bot that opened the pipe after its end would wait for ever.
    await eventually('the bot to open the pipe', () => existsSync(`${this.#path}.open`))
    await this.#handle.close()
  }
}

/** Starts the bot of a feed. */
export async function startFed(client: Client, feed: Feed): Promise<string> {
  return (await client.start(await client.makeBot(feed.command))).id
}

/** Waits until the bot's process is there: what is cancelled before may still come to start when the test has ended. */
export async function runs(client: Client, id: string): Promise<void> {
  await eventually('the bot to run', async () => (await client.execution(id)).attempts[0]?.pid)
}

/** Reads a stream as it comes and remembers what it said. */
export class Reader {
  readonly stream: EventStream
  readonly events: ServerEvent[] = []
  text = ''
  lastEventId: string | undefined
  /** Resolves when the stream has ended, from whichever side. */
  readonly done: Promise<void>

  constructor(stream: EventStream) {
    this.stream = stream
    this.done = this.#read()
  }

  async #read(): Promise<void> {
    for await (const event of this.stream) {
      this.events.push(event)
      if (event.event !== 'log') continue
      this.text += event.data.text
      this.lastEventId = event.id ?? undefined
    }
  }

  /** Waits until it has read `text`, wherever. */
  async sees(text: string): Promise<void> {
    await eventually(`a reader to see ${JSON.stringify(text.slice(0, 200))}`, () => this.text.includes(text))
  }

  async leave(): Promise<void> {
    this.stream.close()
    await this.done
  }
}

/** Opens a log stream and reads it. */
export async function follow(
  client: Client,
  id: string,
  options: { lastEventId?: string | undefined; after?: string } = {}
): Promise<Reader> {
  const { lastEventId, after } = options
  return new Reader(
    await client.followLog(id, {
      ...(lastEventId !== undefined && { lastEventId }),
      ...(after !== undefined && { after })
    })
  )
}

/** Text of one- to four-byte characters in lines of any length, about `bytes` long. */
export function mixedText(random: (n: number) => number, bytes: number): string {
  const letters = [
    'a',
    'Z',
    ' ',
    '\t',
    '\r',
    'é',
    'ß',
    '\u07ff',
    '\u0800',
    '€',
    '中',
    '\ufeff',
    '\uffff',
    '\u{10000}',
    '😀',
    '\u{10ffff}'
  ]
  let text = ''
  for (let size = 0; size < bytes; ) {
    const letter = random(40) === 0 ? '\n' : letters[random(letters.length)]!
    text += letter
    size += Buffer.byteLength(letter)
  }
  return text
}

/** Every place in `text` at which a character begins, in bytes of UTF-8, and its end. */
export function characterStarts(text: string): number[] {
  const starts = [0]
  for (const character of text) starts.push(starts.at(-1)! + Buffer.byteLength(character))
  return starts
}
