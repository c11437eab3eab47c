import fc from 'fast-check'
import t from 'tap'
import { checkParameters } from '../../src/bots/parameters.ts'
import {
  type Field,
  fieldsOf,
  hintOf,
  placeErrors,
  readText,
  textOf,
  tidied,
  withDefaults
} from '../../src/dashboard/forms/json-schema.ts'
import { seeded } from '../support/properties.ts'

const field = (schema: object, required = false): Field =>
  fieldsOf({ properties: { it: schema }, ...(required && { required: ['it'] }) })[0]!

t.test('each kind of parameter has its control', async t => {
  for (const [schema, control] of [
    [{ type: 'string' }, { kind: 'text', type: 'text' }],
    [
      { type: 'string', maxLength: 40 },
      { kind: 'text', type: 'text', maxLength: 40 }
    ],
    [
      { type: 'string', maxLength: 5000 },
      { kind: 'multiline', maxLength: 5000 }
    ],
    [{ type: 'string', format: 'multiline' }, { kind: 'multiline' }],
    [
      { type: 'string', format: 'email' },
      { kind: 'text', type: 'email' }
    ],
    [
      { type: 'string', format: 'uri', maxLength: 2000 },
      { kind: 'text', type: 'url' }
    ],
    [
      { type: 'string', format: 'date' },
      { kind: 'text', type: 'date' }
    ],
    [
      { type: 'string', format: 'date-time' },
      { kind: 'text', type: 'datetime-local' }
    ],
    [
      { type: 'string', format: 'password' },
      { kind: 'text', type: 'password' }
    ],
    [
      { type: 'string', format: 'ipv4' },
      { kind: 'text', type: 'text' }
    ],
    [{ type: ['string', 'null'] }, { kind: 'text', type: 'text' }],
    [{ enum: ['a', 2, null] }, { kind: 'select', options: ['a', 2, null] }],
    [
      { type: 'integer', minimum: 1, maximum: 9 },
      { kind: 'number', min: 1, max: 9, step: 1 }
    ],
    [
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { kind: 'number', min: 1, max: 9, step: 1 }
    ],
    [{ type: 'number' }, { kind: 'number', step: 'any' }],
    [
      { type: 'number', multipleOf: 0.5 },
      { kind: 'number', step: 0.5 }
    ],
    [{ type: 'boolean' }, { kind: 'checkbox' }],
    [{ type: 'array', items: { type: 'string' } }, { kind: 'lines' }],
    [{ type: 'array', items: { type: 'number' } }, { kind: 'json' }],
    [{ type: 'object' }, { kind: 'json' }],
    [{ type: ['string', 'number'] }, { kind: 'json' }],
    [{}, { kind: 'json' }],
    [true, { kind: 'json' }]
  ] as const) {
    t.match(field(schema as object), control, JSON.stringify(schema))
  }
})

t.test('a schema of any shape gives a form', async t => {
  fc.assert(
    fc.property(
      fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.record({ properties: fc.jsonValue() })),
      schema => {
        for (const one of fieldsOf(schema)) {
          hintOf(one)
          textOf(one, one.default)
        }
        withDefaults(schema, tidied(fieldsOf(schema), {}))
      }
    ),
    seeded(t)
  )
})

t.test('a field says what it is for, what it is when left empty, and gives an example', async t => {
  t.equal(
    hintOf(field({ type: 'string', description: 'A branch.', default: 'main', examples: ['dev', 'x'] })),
    'A branch. Left empty, it is main. For example: dev'
  )
  t.equal(
    hintOf(field({ type: 'array', items: { type: 'string' }, default: ['a', 'b'] })),
    'One per line. Left empty, it is a, b.'
  )
  t.equal(hintOf(field({ type: 'boolean', default: true })), '', 'a checkbox shows its default itself')
  t.equal(hintOf(field({ enum: ['a', 'b'], default: 'a' })), '', 'and so does a choice')
  t.equal(field({ title: 'Branch' }).label, 'Branch')
  t.equal(field({}).label, 'it')
  t.equal(field({ type: 'string' }, true).required, true)
  t.equal(field({ type: 'string', default: 'x' }, true).required, false, 'what has a default need not be given')
})

t.test('what is typed is read as the type of the parameter', async t => {
  for (const [schema, text, value] of [
    [{ type: 'string' }, ' padded ', ' padded '],
    [{ type: 'string' }, '12', '12'],
    [{ type: 'integer' }, '12', 12],
    [{ type: 'number' }, '-1.5e3', -1500],
    [{ enum: ['a', 2, null] }, '1', 2],
    [{ enum: ['a', 2, null] }, '2', null],
    [{ type: 'array', items: { type: 'string' } }, 'one\n\ntwo\r\n', ['one', 'two']],
    [{ type: 'object' }, '{"a": [1]}', { a: [1] }]
  ] as const) {
    t.same(readText(field(schema), text), { value }, text)
  }
  for (const schema of [{ type: 'string' }, { type: 'integer' }, { enum: ['a'] }, { type: 'object' }]) {
    t.same(readText(field(schema), ''), { value: undefined }, 'left empty is left out')
  }
  t.same(readText(field({ type: 'number' }), '1,5'), { error: 'is not a number' })
  t.match(readText(field({ type: 'object' }), '{a}'), { error: /^is not JSON: / })
})

t.test('what a field shows for a value is read back as that value', async t => {
  const pairs = fc.oneof(
    fc.tuple(
      fc.constant({ type: 'string' }),
      fc.string({ minLength: 1 }).filter(text => text.trim() !== '')
    ),
    fc.tuple(fc.constant({ type: 'string', format: 'multiline' }), fc.string({ minLength: 1 })),
    fc.tuple(fc.constant({ type: 'integer' }), fc.maxSafeInteger()),
    fc.tuple(
      fc.constant({ type: 'number' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter(n => !Object.is(n, -0))
    ),
    fc.tuple(fc.constant({ enum: ['a', 2, null, { b: 1 }] }), fc.constantFrom('a', 2, null, { b: 1 })),
    fc.tuple(
      fc.constant({ type: 'array', items: { type: 'string' } }),
      fc.array(
        fc.string({ minLength: 1 }).filter(line => !/[\r\n]/.test(line) && line.trim() !== ''),
        { minLength: 1 }
      )
    ),
    fc.tuple(fc.constant({}), fc.jsonValue()),
    fc.tuple(
      fc.constant({ type: 'string', format: 'date-time' }),
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map(date => {
        date.setMilliseconds(0)
        return date.toISOString()
      })
    )
  )
  fc.assert(
    fc.property(pairs, ([schema, value]) => {
      const one = field(schema)
      const read = readText(one, textOf(one, value))
      t.same(read, { value: JSON.parse(JSON.stringify(value)) })
    }),
    seeded(t)
  )
})

t.test('values of parameters that are gone, or are something else now, are dropped', async t => {
  const fields = fieldsOf({
    properties: {
      name: { type: 'string' },
      count: { type: 'integer' },
      mode: { enum: ['a', 'b'] },
      list: { type: 'array', items: { type: 'string' } }
    }
  })
  t.same(tidied(fields, { name: 'x', count: 2, mode: 'b', list: ['a'], gone: 1 }), {
    name: 'x',
    count: 2,
    mode: 'b',
    list: ['a']
  })
  t.same(tidied(fields, { name: 5, count: 'two', mode: 'c', list: 'a' }), {})
})

t.test('a checkbox always says yes or no', async t => {
  const fields = fieldsOf({ properties: { on: { type: 'boolean', default: true }, off: { type: 'boolean' } } })
  t.same(tidied(fields, {}), { on: true, off: false })
  t.same(tidied(fields, { on: false, off: true }), { on: false, off: true })
})

t.test('defaults are filled in as the server does', async t => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', default: 'world' },
      list: { type: 'array', items: { type: 'string' }, default: ['a'] },
      place: { type: 'object', properties: { city: { type: 'string', default: 'Wien' }, zip: { type: 'string' } } },
      plain: { type: 'integer' }
    }
  }
  for (const values of [
    {},
    { name: 'Ada' },
    { name: '' },
    { place: {} },
    { place: { city: 'Linz' } },
    { plain: 3, list: [] }
  ]) {
    t.same(withDefaults(schema, values), checkParameters(schema, values).values, JSON.stringify(values))
  }
})

t.test('errors of the server stand at their fields, the others above the form', async t => {
  const fields = fieldsOf({
    properties: { name: {}, list: { type: 'array', items: { type: 'string' } }, thing: { type: 'object' }, 'a/b': {} }
  })
  const errors = [
    { path: '/name', message: 'is required' },
    { path: '/name', message: 'is odd, too' },
    { path: '/list/1', message: 'must be string' },
    { path: '/thing/deep/0', message: 'must be integer' },
    { path: '/a~1b', message: 'must be string' },
    { path: '/', message: 'is odd' },
    { path: '/other', message: 'is not a parameter of this bot' }
  ]
  t.same(placeErrors(fields, errors), {
    at: {
      name: 'is required',
      list: 'line 2: must be string',
      thing: 'deep/0: must be integer',
      'a/b': 'must be string'
    },
    rest: errors.slice(5)
  })
})

t.test('a text of several lines is one the server knows', async t => {
  t.same(
    checkParameters({ type: 'object', properties: { it: { type: 'string', format: 'multiline' } } }, { it: 'a\nb' })
      .errors,
    []
  )
})
