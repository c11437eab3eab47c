import fc from 'fast-check'
import t from 'tap'
import { encodingsOf, isSecret } from '../../src/logs/encodings.ts'
import { Patterns, PIECE_BYTES } from '../../src/logs/patterns.ts'
import { CONTEXT_BYTES, MAX_VALUES, Redactor } from '../../src/logs/redactor.ts'
import { seeded, unicodeText } from '../support/properties.ts'

const COMMAND = '::add-mask::'

function redactorOf(values: string[]): Redactor {
  const redactor = new Redactor()
  for (const value of values) redactor.add(value)
  return redactor
}

/** What becomes of a text that is given whole. */
function redacted(text: string | Buffer, values: string[] = []): string {
  const bytes = Buffer.from(text)
  redactorOf(values).scan(bytes, 0, true)
  return bytes.toString()
}

const hidden = (text: string | Buffer) => '*'.repeat(Buffer.byteLength(text))

/**
 * What becomes of a text that comes in pieces which end at `cuts`. Of what is decided the whole lines are published; what is
 * not published is scanned again.
 */
function redactedInPieces(
  text: Buffer,
  values: string[],
  cuts: number[],
  publish: (from: number, to: number) => number
) {
  const redactor = redactorOf(values)
  const log = Buffer.from(text)
  let published = 0
  for (const cut of [...cuts, text.length]) {
    const isEnd = cut === text.length
    const base = Math.max(0, published - CONTEXT_BYTES)
    const { end } = redactor.scan(log.subarray(base, cut), published - base, isEnd)
    const decided = base + end
    if (decided < published || (isEnd && decided < text.length)) throw new Error(`decided to ${decided} of ${cut}`)
    if (!log.subarray(decided).equals(text.subarray(decided))) throw new Error('what is not decided was changed')
    const lines = Math.max(published, log.subarray(0, decided).lastIndexOf('\n') + 1)
    published = isEnd ? decided : publish(lines, decided)
  }
  return log
}

/** The same by comparing everything with everything. */
function naive(text: Buffer, values: string[]): Buffer {
  const secret = new Uint8Array(text.length)
  const patterns: { bytes: Buffer; since: number }[] = []
  const know = (value: string, since: number) => {
    for (const form of encodingsOf(value)) {
      for (let at = 0; at < form.length; at += PIECE_BYTES) {
        const from = at + PIECE_BYTES <= form.length ? at : Math.max(0, form.length - PIECE_BYTES)
        patterns.push({ bytes: form.subarray(from, from + PIECE_BYTES), since })
      }
    }
  }
  for (const value of values) know(value, 0)
  for (const line of text.toString('latin1').matchAll(/(?<=^|\n)::add-mask::([^\n]*)/g)) {
    const raw = line[1]!.replace(/\r$/, '')
    const value = Buffer.from(raw, 'latin1')
      .toString()
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%')
    if (!isSecret(value)) continue
    know(value, line.index)
    secret.fill(1, line.index + COMMAND.length, line.index + COMMAND.length + raw.length)
  }
  for (const { bytes, since } of patterns) {
    for (let at = text.indexOf(bytes, since); at >= 0; at = text.indexOf(bytes, at + 1)) {
      secret.fill(1, at, at + bytes.length)
    }
    for (let cut = Math.min(bytes.length - 1, text.length); cut >= 6; cut--) {
      if (text.subarray(-cut).equals(bytes.subarray(0, cut))) secret.fill(1, text.length - cut)
    }
  }
  return Buffer.from(text.map((byte, at) => (secret[at] && byte !== 0x0a ? 0x2a : byte)))
}

/** Secrets of few letters overlap, begin and end alike, and lie within one another. */
const narrow = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '/'), minLength: 1, maxLength: 80 })
const wide = unicodeText({ minLength: 1, maxLength: 40 }).map(value => value.replaceAll('*', '+').replaceAll(':', ';'))
const secrets = fc.array(fc.oneof(narrow, wide), { maxLength: 8 })

/** Text in which secrets stand, and parts of them, in all encodings, and lines that mask some. */
const textOf = (values: string[]) => {
  const value = values.length > 0 ? fc.constantFrom(...values) : fc.constant('')
  const form = value.chain(value => fc.constantFrom(Buffer.from(value), ...encodingsOf(value)))
  const part = fc.tuple(form, fc.nat(), fc.nat()).map(([form, from, length]) => {
    const start = form.length > 0 ? from % form.length : 0
    return form.subarray(start, start + (length % 40))
  })
  const words = fc.constantFrom(
    '\n',
    '\r\n',
    'a',
    'b',
    'aaaaaaaa',
    ' ',
    '€',
    '::',
    COMMAND,
    `\n${COMMAND}`,
    '%25',
    '%0A'
  )
  const mask = fc.tuple(fc.oneof(value, narrow, wide), fc.constantFrom('\n', '\r\n', '')).map(([value, end]) => {
    const escaped = value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    return Buffer.from(`\n${COMMAND}${escaped}${end}`)
  })
  const bytes = fc.uint8Array({ maxLength: 5 }).map(bytes => Buffer.from(bytes.map(byte => (byte === 0x2a ? 0 : byte))))
  return fc
    .array(
      fc.oneof(
        form,
        form,
        part,
        words.map(word => Buffer.from(word)),
        mask,
        bytes
      ),
      { maxLength: 40 }
    )
    .map(parts => Buffer.concat(parts))
}

t.test('a value is overwritten in all the ways programs write it', async t => {
  const value = `p/s "w+rd" \u00fc\u{1f600}\u0001 it's ~!*`
  const json = JSON.stringify(value).slice(1, -1)
  const url = encodeURIComponent(value)
  const bytes = Buffer.from(value)
  for (const form of [
    value,
    json,
    json.replaceAll('/', '\\/'),
    'p/s \\"w+rd\\" \\u00fc\\ud83d\\ude00\\u0001 it\'s ~!*',
    'p\\/s \\"w+rd\\" \\u00FC\\uD83D\\uDE00\\u0001 it\'s ~!*',
    url,
    "p%2fs%20%22w%2brd%22%20%c3%bc%f0%9f%98%80%01%20it's%20~!*",
    'p%2Fs%20%22w%2Brd%22%20%C3%BC%F0%9F%98%80%01%20it%27s%20~%21%2A',
    'p%2Fs+%22w%2Brd%22+%C3%BC%F0%9F%98%80%01+it%27s+%7E%21*',
    'p%2fs+%22w%2brd%22+%c3%bc%f0%9f%98%80%01+it%27s+%7e%21*'
  ]) {
    t.equal(redacted(`<${form}>`, [value]), `<${hidden(form)}>`, form)
  }
  for (const encoding of ['base64', 'base64url'] as const) {
    for (let before = 0; before < 3; before++) {
      for (let after = 0; after < 3; after++) {
        const whole = Buffer.concat([Buffer.alloc(before, 0xfb), bytes, Buffer.alloc(after, 0xff)]).toString(encoding)
        const from = Math.ceil((before * 8) / 6)
        const to = Math.floor(((before + bytes.length) * 8) / 6)
        const expected = whole.slice(0, from) + hidden(whole.slice(from, to)) + whole.slice(to)
        t.equal(redacted(whole, [value]), expected, `${encoding}, ${before} before and ${after} after`)
      }
    }
  }
})

t.test('an escaped backslash in front of a u is no escape', async t => {
  const value = 'c:\\u00e9dir\u00e9'
  t.equal(redacted(JSON.stringify(value), [value]), `"${hidden(JSON.stringify(value).slice(1, -1))}"`)
  t.equal(redacted('"c:\\\\u00e9dir\\u00E9"', [value]), `"${hidden('c:\\\\u00e9dir\\u00E9')}"`)
})

t.test('of a value of several lines each is overwritten by itself, and line breaks stay', async t => {
  const value = 'first line\r\n2nd\n      \nthe third line\n'
  t.equal(redacted(`${value}.`, [value]), '***********\n***\n******\n**************\n.')
  t.equal(redacted('the third line, 2nd, first line', [value]), '**************, 2nd, **********')
  t.equal(redacted('      indented', [value]), '      indented')
  t.equal(redacted(Buffer.from('first line').toString('hex'), [value]), Buffer.from('first line').toString('hex'))
})

t.test('what is too short, blank or hidden already is no secret', async t => {
  const redactor = redactorOf(['', 'short', '          ', '\n\n\n\n\n\n', '********'])
  t.same(redactor.values, [])
  const text = Buffer.from('short            \n\n\n\n\n\n\n ********** ')
  const { end, changed } = redactor.scan(Buffer.from(text), 0, false)
  t.same([end, changed], [text.length, null])
})

t.test('a part of a long value is overwritten where 32 bytes of it stand together', async t => {
  const value = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(4, '_')).join('')
  t.equal(redacted(`<${value.slice(0, 40)}>`, [value]), `<${hidden(value.slice(0, 32))}${value.slice(32, 40)}>`)
  t.equal(redacted(`<${value}>`, [value]), `<${hidden(value)}>`)
})

t.test('what may be the beginning of a secret is held back, and nothing else', async t => {
  const values = ['hunter22', 'unterwegs', 'geheimnis']
  for (const [text, end] of [
    ['name> ', 6],
    ['name> h', 6],
    ['name> hunter2', 6],
    ['name> hunter22', 14],
    ['name> hunterw', 7],
    ['name> hunterx', 13],
    ['name> hunterwegs', 16],
    ['name> g', 6],
    ['name> hg', 7]
  ] as const) {
    t.equal(redactorOf(values).scan(Buffer.from(text), 0, false).end, end, text)
  }
})

t.test('a match that another may go on is left to the next scan, whole', async t => {
  const redactor = redactorOf(['abcdef', 'defghi', 'ghijkl'])
  const text = Buffer.from('.abcdefgh')
  t.same(redactor.scan(text, 0, false), { end: 1, changed: null, masked: [] })
  t.equal(text.toString(), '.abcdefgh')
  const longer = Buffer.from('.abcdefghijk')
  t.same(redactor.scan(longer, 1, false), { end: 4, changed: { from: 1, to: 4 }, masked: [] })
  t.equal(longer.toString(), '.***defghijk')
})

t.test('at the end of a log the beginning of a secret is overwritten, if it is more than a few bytes', async t => {
  const values = ['hunter22-and-more']
  t.equal(redacted('hunte', values), 'hunte')
  t.equal(redacted('hunter', values), '******')
  t.equal(redacted('.hunter22-and-mor', values), `.${hidden('hunter22-and-mor')}`)
  t.equal(redacted('.hunter22-and-mor.', values), '.hunter22-and-mor.')
  t.equal(redacted('.hunter22-and-m', ['and-m1', 'er22-an', ...values]), `.${hidden('hunter22-and-m')}`)
})

t.test('a line masks the rest of it, from there on', async t => {
  for (const [text, expected] of [
    ['hunter22\n::add-mask::hunter22\nhunter22', 'hunter22\n::add-mask::********\n********'],
    ['::add-mask::hunter22\r\nhunter22\r\n', '::add-mask::********\r\n********\r\n'],
    ['::add-mask::a b%0D%0Ac%25d\na b\r\nc%d', `::add-mask::${hidden('a b%0D%0Ac%25d')}\n****\n***`],
    ['::add-mask::50%250A!\n50%0A!', `::add-mask::${hidden('50%250A!')}\n******`],
    ['::add-mask::hunter22', '::add-mask::********'],
    ['::add-mask::  hunter\n  hunter hunter', '::add-mask::********\n******** hunter'],
    // No command: not at the beginning of a line, another one, nothing to hide.
    ['a ::add-mask::hunter22\nhunter22', 'a ::add-mask::hunter22\nhunter22'],
    ['::ADD-MASK::hunter22\nhunter22', '::ADD-MASK::hunter22\nhunter22'],
    ['::add-mask::\n::add-mask::hunte\nhunte', '::add-mask::\n::add-mask::hunte\nhunte'],
    ['::add-mask::********\n********', '::add-mask::********\n********']
  ] as const) {
    t.equal(redacted(text), expected, JSON.stringify(text))
  }
})

t.test('a line that masks is held back until it ends, and a very long one is masked in its beginning', async t => {
  const redactor = new Redactor()
  t.equal(redactor.scan(Buffer.from('one\n::add-mask::hunter'), 0, false).end, 4)
  t.equal(redactor.scan(Buffer.from('one\n::add-mask'), 0, false).end, 14, 'what is no command yet')
  const line = `::add-mask::${Array.from({ length: 5000 }, (_, i) => `${i}`.padStart(4, '0')).join('')}`
  const { end, masked } = redactor.scan(Buffer.from(line), 0, false)
  t.same([end, masked.map(value => value.length)], [line.length, [16 * 1024]])
})

t.test('a bot can mask only so many values; of the others each is overwritten where it is masked', async t => {
  const redactor = new Redactor()
  const values = Array.from({ length: MAX_VALUES + 1 }, (_, i) => `value-${i}.`)
  const masks = values.map(value => `${COMMAND}${value}\n`).join('')
  const text = Buffer.from(`${masks}${values.join(' ')}`)
  redactor.scan(text, 0, true)
  t.equal(redactor.values.length, MAX_VALUES)
  t.ok(redactor.isFull)
  t.notOk(text.toString().slice(0, masks.length).includes('value'))
  t.equal(text.toString().slice(masks.length).replace(/[* ]/g, ''), values.at(-1))
})

t.test('a text that is given whole is overwritten as a log is', async t => {
  const text = Buffer.from('token=hunter22\n::add-mask::swordfish\nswordfish')
  redactorOf(['hunter22']).redact(text)
  t.equal(text.toString(), 'token=********\n::add-mask::swordfish\nswordfish', 'but masks nothing')
})

t.test('thousands of patterns that begin alike are told apart', async t => {
  const patterns = new Patterns()
  const names = Array.from({ length: 5000 }, (_, i) => `prefix-${i}.`)
  for (const name of names) patterns.add(Buffer.from(name))
  const text = Buffer.from(`${names.join('')}prefix-5000. prefix-12`)
  let found = 0
  patterns.find(text, 0, text.length, (start, end) => {
    if (text.toString('latin1', start, end) === names[found]) found++
  })
  t.equal(found, 5000)
  t.equal(patterns.openAt(text, 0), text.length - 'prefix-12'.length)
})

t.test('in whatever pieces a text comes, all secrets in it are overwritten, and nothing else', async t => {
  let overwritten = 0
  fc.assert(
    fc.property(
      secrets.chain(values => fc.tuple(fc.constant(values), textOf(values))),
      fc.array(fc.nat(), { maxLength: 30 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      ([values, text], places, shares) => {
        // A value that is itself a part of a command hides commands.
        fc.pre(!/(^|\n)::add-mask::[^\n]*:/.test(text.toString('latin1')))
        const cuts = places.map(place => place % (text.length + 1)).sort((a, b) => a - b)
        const publish = (from: number, to: number) => from + Math.round((to - from) * shares.next().value!)
        const expected = naive(text, values)
        const log = redactedInPieces(text, values, cuts, publish)
        if (!expected.equals(text)) overwritten++
        return log.equals(expected)
      }
    ),
    seeded(t)
  )
  t.ok(overwritten > 200, `${overwritten} texts held secrets`)
})
