import fc from 'fast-check'
import t from 'tap'
import { botProblems, fill, Given, slugFor } from '../../src/bots/bot.ts'
import { Bot, defaultBot } from '../../src/bots/schemas.ts'
import { seeded, unicodeText } from '../support/properties.ts'

const SLUG = new RegExp((Bot.properties.slug as { pattern?: string }).pattern!)

/** Text as people write it, in all scripts, with an eye on braces. */
const anyText = () =>
  fc.oneof(
    unicodeText(),
    fc
      .array(fc.constantFrom('{', '}', '{{', '}}', ' ', '.', 'parameters', 'payload', 'a', '$&', '$1'))
      .map(parts => parts.join(''))
  )

t.test('a placeholder is filled with its parameter', async t => {
  const values = {
    name: 'Ada',
    count: 0,
    on: false,
    list: [1, 'two'],
    place: { city: 'Wien', 'zip-code': 1010 },
    nothing: null
  }
  for (const [text, filled] of [
    ['{{parameters.name}}', 'Ada'],
    ['Hello {{ parameters.name }}!', 'Hello Ada!'],
    ['{{parameters.name}}{{parameters.name}}', 'AdaAda'],
    ['{{parameters.count}} {{parameters.on}}', '0 false'],
    ['{{parameters.list}}', '[1,"two"]'],
    ['{{parameters.list.1}}', 'two'],
    ['{{parameters.place}}', '{"city":"Wien","zip-code":1010}'],
    ['{{parameters.place.zip-code}}', '1010'],
    ['{{parameters.nothing}}|{{parameters.unknown}}|{{parameters.name.deeper}}', '||'],
    ['{{parameters.constructor}}{{parameters.__proto__}}{{parameters.list.length.x}}{{parameters.toString}}', '']
  ] as const) {
    t.equal(fill(text, new Given(values)), filled, text)
  }
})

t.test('other braces are text', async t => {
  for (const text of [
    '{{.Names}}',
    '{{names}}',
    '{{ }}',
    '{parameters.a}',
    '{{parameters}}',
    '{{parameters.}}',
    '$parameters.a',
    '{{#each parameters.a}}',
    '{{Parameters.a}}'
  ]) {
    t.equal(fill(text, new Given({ a: 'x', names: 'x' })), text)
    t.same(botProblems({ ...defaultBot(), slug: 'a', command: ['docker', text] }), [], `${text} may be saved`)
  }
})

t.test('text without placeholders is never changed', async t => {
  const PLACEHOLDER = /\{\{\s*(parameters|payload)\.[A-Za-z0-9_.-]+\s*\}\}/
  fc.assert(
    fc.property(
      anyText().filter(text => !PLACEHOLDER.test(text)),
      fc.dictionary(fc.string(), fc.anything()),
      (text, values) => fill(text, new Given(values)) === text
    ),
    seeded(t)
  )
})

t.test('what a value holds is put in as it is, and not filled again', async t => {
  fc.assert(
    fc.property(anyText(), anyText(), anyText(), (before, value, after) => {
      const values = { a: value, b: 'B' }
      // The parts around it must not make another placeholder together with its braces.
      const [start, end] = [before.replaceAll('{', ''), after.replaceAll(/[{}]/g, '')]
      return fill(`${start}{{parameters.a}}${end}`, new Given(values)) === `${start}${value}${end}`
    }),
    seeded(t)
  )
  t.equal(fill('{{parameters.a}}', new Given({ a: '{{parameters.b}}', b: 'B' })), '{{parameters.b}}')
  t.equal(
    fill('{{parameters.a}}{{parameters.a}}', new Given({ a: '{{parameters.', b: 'B' })),
    '{{parameters.{{parameters.'
  )
  t.equal(fill('{{parameters.a}}', new Given({ a: "$& $1 $' $$" })), "$& $1 $' $$", 'nor read as a replacement pattern')
})

t.test('a name gives a slug that people recognise', async t => {
  for (const [name, slug] of [
    ['Nightly report (EU)', 'nightly-report-eu'],
    ['Ärger im Büro', 'arger-im-buro'],
    ['  --a--  ', 'a'],
    ['日本語', 'bot'],
    ['!!!', 'bot'],
    ['ＦＵＬＬ　ＷＩＤＴＨ', 'full-width'],
    ['x'.repeat(100), 'x'.repeat(60)],
    [`${'x'.repeat(59)} y`, 'x'.repeat(59)]
  ] as const) {
    t.equal(slugFor(name), slug, name)
  }
})

t.test('every name gives a slug that may be saved, with room for a number behind it', async t => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.string({ unit: 'grapheme', maxLength: 100 })), name => {
      const slug = slugFor(name)
      return SLUG.test(slug) && `${slug}-100`.length <= 64
    }),
    seeded(t)
  )
})

t.test('the slug of a slug is the same', async t => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), name => slugFor(slugFor(name)) === slugFor(name)),
    seeded(t)
  )
})

t.test('a payload is read only for a placeholder that asks for it, and once', async t => {
  const given = new Given({ a: 'x' }, '{"list":[1,{"deep":"y"}]}')
  t.equal(
    fill('{{payload.list.1.deep}} {{payload.list.0}} {{payload.list}} {{payload.none}}|', given),
    'y 1 [1,{"deep":"y"}] |'
  )
  t.equal(given.payload, given.payload, 'the same object')
  t.equal(fill('{{parameters.a}}', new Given({ a: 'x' }, 'not to be read')), 'x')
  t.equal(fill('{{payload.a}}|', new Given({ a: 'x' })), '|')
})
