import fc from 'fast-check'
import t from 'tap'
import { PLAIN, plainText, type Style, tokenize } from '../../src/dashboard/log/ansi.ts'
import { seeded, unicodeText } from '../support/properties.ts'

const ESC = '\x1b'

/** The spans of a line, each with only what differs from plain text. */
const look = (text: string, style: Style = PLAIN) =>
  tokenize(text, style).spans.map(span => ({
    text: span.text,
    ...Object.fromEntries(Object.entries(span.style).filter(([key, value]) => value !== PLAIN[key as keyof Style])),
    ...(span.href && { href: span.href })
  }))

/** The style behind some parameters of "select graphic rendition". */
const styleAfter = (parameters: string) => tokenize(`${ESC}[${parameters}m`, PLAIN).style

t.test('text without anything special is one plain span', async t => {
  t.same(look('building…\t42 %'), [{ text: 'building…\t42 %' }])
  t.same(look(''), [])
})

t.test('colours and other attributes hold until they are reset', async t => {
  t.same(look(`a${ESC}[31mb${ESC}[1;4mc${ESC}[22;24md${ESC}[0me`), [
    { text: 'a' },
    { text: 'b', colour: 1 },
    { text: 'c', colour: 1, bold: true, underline: true },
    { text: 'd', colour: 1 },
    { text: 'e' }
  ])
  t.same(look(`${ESC}[2;3;7;9mx${ESC}[mz`), [
    { text: 'x', dim: true, italic: true, inverse: true, strike: true },
    { text: 'z' }
  ])
})

t.test('each attribute has a reset of its own', async t => {
  const all = `${ESC}[1;2;3;4;7;9;31;41m`
  for (const [code, ...gone] of [
    ['22', 'bold', 'dim'],
    ['23', 'italic'],
    ['24', 'underline'],
    ['27', 'inverse'],
    ['29', 'strike'],
    ['39', 'colour'],
    ['49', 'background']
  ] as const) {
    const { style } = tokenize(`${all}${ESC}[${code}m`, PLAIN)
    const changed = (Object.keys(PLAIN) as (keyof Style)[]).filter(key => style[key] === PLAIN[key])
    t.same(changed.sort(), [...gone].sort(), code)
  }
})

t.test('sixteen, 256 and 24-bit colours are read in all the ways they are written', async t => {
  t.equal(styleAfter('97').colour, 15)
  t.equal(styleAfter('104').background, 12)
  t.equal(styleAfter('38;5;9').colour, 9)
  t.equal(styleAfter('38;5;16').colour, 'rgb(0, 0, 0)')
  t.equal(styleAfter('38;5;208').colour, 'rgb(255, 135, 0)')
  t.equal(styleAfter('48;5;255').background, 'rgb(238, 238, 238)')
  t.equal(styleAfter('38;2;1;2;3').colour, 'rgb(1, 2, 3)')
  t.equal(styleAfter('48:2:1:2:3').background, 'rgb(1, 2, 3)')
  t.equal(styleAfter('48:2::1:2:3').background, 'rgb(1, 2, 3)')
  t.equal(styleAfter('38:5:208').colour, 'rgb(255, 135, 0)')
  t.match(styleAfter('38;2;1;2;3;1'), { colour: 'rgb(1, 2, 3)', bold: true }, 'what follows a colour counts')
  t.match(styleAfter('58;5;1;3'), { colour: null, bold: false, italic: true }, 'a colour of underlines is passed over')
  t.equal(styleAfter('4:3').underline, true)
  t.equal(styleAfter('4;4:0').underline, false)
})

t.test('parameters that make no sense change nothing', async t => {
  for (const parameters of ['38;5;999', '38;2;1;2', '38;2;300;0;0', '38', '1234', '?25', '>4;1']) {
    t.equal(styleAfter(parameters), PLAIN, parameters)
  }
})

t.test('a style that changes nothing is the same object, so that nothing is drawn again for it', async t => {
  const red = styleAfter('31')
  t.equal(tokenize(`${ESC}[31mred`, red).style, red)
  t.equal(tokenize('plain', red).style, red)
})

t.test('the style at the end of a line is that of the next', async t => {
  const { style } = tokenize(`${ESC}[35mone`, PLAIN)
  t.same(look('two', style), [{ text: 'two', colour: 5 }])
})

t.test('all other escape sequences vanish, and what stands around them stays', async t => {
  for (const sequence of [
    `${ESC}[2K`,
    `${ESC}[?25l`,
    `${ESC}[10;20H`,
    `${ESC}[ q`,
    `${ESC}[!p`,
    '\x9b31m',
    `${ESC}]0;a title\x07`,
    `${ESC}]0;a title${ESC}\\`,
    `${ESC}]8;;https://elsewhere.example${ESC}\\`,
    `${ESC}]8;;\x07`,
    '\x9d0;a title\x9c',
    `${ESC}Pq#0;2;0;0;0${ESC}\\`,
    `${ESC}_application${ESC}\\`,
    `${ESC}^private${ESC}\\`,
    `${ESC}(B`,
    `${ESC}%G`,
    `${ESC}7`,
    `${ESC}=`,
    `${ESC}c`,
    '\x00',
    '\x07',
    '\x08',
    '\x7f',
    '\x85',
    '\x0b',
    '\u2028'
  ]) {
    t.equal(plainText(`be${sequence}fore`), 'before', encodeURIComponent(sequence))
  }
})

t.test('a sequence that breaks off takes nothing else with it', async t => {
  t.equal(plainText(`ends${ESC}`), 'ends')
  t.equal(plainText(`ends${ESC}[31`), 'ends')
  t.equal(plainText(`ends${ESC}[`), 'ends')
  t.equal(plainText(`a${ESC}[31\x07b`), 'ab')
  t.equal(plainText(`${ESC}]never ended`), 'never ended', 'a title without an end does not hide the line')
})

t.test('a link by escape sequence leaves its text and drops its target', async t => {
  t.same(look(`${ESC}]8;id=1;https://bad.example/${ESC}\\click here${ESC}]8;;${ESC}\\ now`), [
    { text: 'click here now' }
  ])
})

t.test('what follows a carriage return takes the place of what was before it', async t => {
  t.equal(plainText('10%\r50%\r100%'), '100%')
  t.equal(plainText('with Windows’ line break\r'), 'with Windows’ line break')
  t.equal(plainText('kept\r\r'), 'kept')
  t.equal(plainText(`kept\r${ESC}[K`), 'kept', 'until something else is printed there')
  t.equal(plainText(`10%\r${ESC}[K20%\r${ESC}[K`), '20%')
  t.same(look(`${ESC}[31mold\rnew`), [{ text: 'new', colour: 1 }], 'colours last')
})

t.test('addresses become links, whatever sentence they stand in', async t => {
  const links = (text: string) =>
    tokenize(text, PLAIN)
      .spans.filter(span => span.href)
      .map(span => span.href)
  t.same(look('see https://a.example/x?y=1#z.'), [
    { text: 'see ' },
    { text: 'https://a.example/x?y=1#z', href: 'https://a.example/x?y=1#z' },
    { text: '.' }
  ])
  t.same(links('(http://a.example/b) and http://a.example/c_(d), "http://a.example/e"'), [
    'http://a.example/b',
    'http://a.example/c_(d)',
    'http://a.example/e'
  ])
  t.same(links('HTTPS://A.EXAMPLE'), ['HTTPS://A.EXAMPLE'])
  t.same(links(`${ESC}[34mhttps://a.example${ESC}[0m`), ['https://a.example'])
})

t.test('nothing but http and https is ever a link', async t => {
  for (const text of [
    'javascript:alert(1)',
    'javascript://x/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript://x',
    'xhttp://a.example',
    'http://',
    'https://.',
    'http://[bad'
  ]) {
    t.notOk(
      tokenize(text, PLAIN).spans.some(span => span.href),
      text
    )
  }
})

t.test('whatever is printed, nothing but text is shown, and no part of it is lost', async t => {
  const piece = fc.oneof(
    unicodeText(),
    fc.constantFrom(
      ESC,
      `${ESC}[`,
      `${ESC}]`,
      `${ESC}P`,
      '\x9b',
      '\x9c',
      '\x07',
      ';',
      ':',
      'm',
      '\r',
      '38;2;',
      'http://x/'
    ),
    fc.nat(300).map(String)
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const text = pieces.join('').replaceAll('\n', '')
      const { spans } = tokenize(text, PLAIN)
      const shown = spans.map(span => span.text).join('')
      if (/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(shown)) return false
      if (spans.some(span => span.text === '' || (span.href && !/^https?:\/\//i.test(span.href)))) return false
      return /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(text) || shown === text
    }),
    seeded(t)
  )
})

t.test('a line of nothing but openings is read in time that grows with its length', async t => {
  for (const opening of [`${ESC}]`, '\x9d', `${ESC}[`, 'http://(', '\x90(']) {
    const text = opening.repeat(16_000)
    t.notOk(/[\x1b\x9d\x90]/.test(plainText(text)))
  }
})

t.test('lines made to be hard to read are read as any other', async t => {
  // Quadratic work in their 16 KiB would take minutes for these.
  for (const line of [
    `http://a${')'.repeat(16_000)}`,
    `http://a${'('.repeat(8000)}${')'.repeat(8000)}]`,
    `\x1b[${'38;5;1;'.repeat(2000)}m`
  ]) {
    for (let i = 0; i < 256; i++) tokenize(line, PLAIN)
  }
  t.same(
    tokenize('see http://a/(b)).', PLAIN).spans.map(({ text }) => text),
    ['see ', 'http://a/(b)', ').']
  )
})
