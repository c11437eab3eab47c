import t from 'tap'
import { checkParameters, parameterSchemaProblem } from '../../src/bots/parameters.ts'
import {
  type NewParameter,
  parameterTypes,
  readSchema,
  schemaText,
  withParameter
} from '../../src/dashboard/forms/parameter-schema.ts'

const none = { type: 'object', properties: {}, additionalProperties: false }
const one = (changes: Partial<NewParameter>): NewParameter => ({
  name: 'it',
  type: 'text',
  required: false,
  default: '',
  ...changes
})

t.test('a schema is read from its text, or the text has a problem with its place', async t => {
  t.same(readSchema(schemaText(none)), { schema: none })
  t.same(readSchema('{\n  "type": \n}'), { problem: 'Line 3, column 1: a value is missing here.' })
  for (const text of ['[]', '"x"', '3', 'null', 'true']) {
    t.same(readSchema(text), { problem: 'This must be an object: it begins with { and ends with }.' }, text)
  }
})

t.test('parameters of each type are put into a schema that the server takes', async t => {
  let schema: Record<string, unknown> = none
  const defaults = { text: 'main', multiline: 'a', integer: '3', number: '1.5', boolean: 'no', list: 'one' } as const
  for (const type of Object.keys(parameterTypes) as NewParameter['type'][]) {
    const result = withParameter(schema, one({ name: `a-${type}`, type, default: defaults[type] }))
    if (!('schema' in result)) throw new Error(JSON.stringify(result))
    schema = result.schema
  }
  t.equal(parameterSchemaProblem(schema), null)
  t.same(checkParameters(schema, {}), {
    values: {
      'a-text': 'main',
      'a-multiline': 'a',
      'a-integer': 3,
      'a-number': 1.5,
      'a-boolean': false,
      'a-list': ['one']
    },
    errors: []
  })
})

t.test('a parameter stands behind those that are there, and changes nothing else', async t => {
  const before = {
    type: 'object',
    properties: { a: { type: 'integer', minimum: 1 } },
    required: ['a'],
    minProperties: 1
  }
  t.same(withParameter(before, one({ required: true })), {
    schema: { ...before, properties: { ...before.properties, it: { type: 'string' } }, required: ['a', 'it'] }
  })
  t.same(withParameter(before, one({})), {
    schema: { ...before, properties: { ...before.properties, it: { type: 'string' } } }
  })
  t.same(
    withParameter(none, one({})),
    { schema: { ...none, properties: { it: { type: 'string' } } } },
    'no empty list of required ones'
  )
  t.same(withParameter({ type: 'object' }, one({})), {
    schema: { type: 'object', properties: { it: { type: 'string' } } }
  })
})

t.test('a parameter that cannot be is told by its field', async t => {
  const schema = { ...none, properties: { it: { type: 'string' } } }
  t.match(withParameter(schema, one({})), { problems: { name: 'There is a parameter of this name already.' } })
  for (const name of ['', 'a b', 'a.b', 'ä'])
    t.match(withParameter(none, one({ name })), { problems: { name: /^Letters/ } }, name)
  t.same(withParameter(none, one({ type: 'integer', default: 'three' })), { problems: { default: 'is not a number' } })
  t.same(withParameter(none, one({ type: 'boolean', default: 'maybe' })), {
    problems: { default: 'is neither yes nor no' }
  })
})
