import t from 'tap'
import { readPayload, Unreadable } from '../../src/webhooks/payload.ts'

const read = (contentType: string | undefined, body: string | Buffer) =>
  readPayload(contentType, Buffer.from(body as string))

t.test('a body is JSON, a form or text, as its Content-Type says', async t => {
  const json = '{"a": [1, 12345678901234567890], "b": "ä"}'
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    ' application/json\t;charset=utf-8',
    'application/cloudevents+json'
  ]) {
    t.strictSame(read(type, json).value, JSON.parse(json), type)
    t.equal(read(type, json).json, json, 'large numbers stay what they are')
  }
  t.strictSame(
    read('application/json', '\ufeff{"a":1}'),
    { value: { a: 1 }, json: '{"a":1}' },
    'behind a mark of the order of bytes'
  )
  const form = 'application/x-www-form-urlencoded'
  const payload = `payload=${encodeURIComponent(json)}`
  t.strictSame(read(form, payload), { value: JSON.parse(json), json }, 'as GitHub can send it')
  t.strictSame(read(form, 'command=%2Frun&text=a+b'), {
    value: { command: '/run', text: 'a b' },
    json: '{"command":"/run","text":"a b"}'
  })
  for (const type of [undefined, 'text/plain', 'application/xml', 'nonsense', '']) {
    t.strictSame(read(type, '{"a":1}'), { value: '{"a":1}', json: '"{\\"a\\":1}"' }, `${type}`)
  }
  for (const type of [undefined, 'application/json', form]) {
    t.strictSame(read(type, ''), { value: null, json: 'null' }, `nothing as ${type}`)
  }
  const nulls = read('text/plain', 'a\0"\u2028')
  t.equal(JSON.parse(nulls.json), 'a\0"\u2028')
})

t.test('a body that is not what it says, too deep, or made to do harm is not read', async t => {
  const json = 'application/json'
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  for (const [type, body, why] of [
    [json, '{"a":', /not JSON/],
    [json, 'a=1', /not JSON/],
    [json, '{"a":1}x', /not JSON/],
    [json, "{'a':1}", /not JSON/],
    [json, 'NaN', /not JSON/],
    ['application/x-www-form-urlencoded', 'payload=nonsense', /not JSON/],
    [json, Buffer.from([0x22, 0xff, 0x22]), /UTF-8/],
    ['text/plain', Buffer.from([0xc3, 0x28]), /UTF-8/],
    [json, deep(101), /100 levels/],
    [json, deep(10_000), /100 levels/],
    [json, deep(100_000), /100 levels/],
    [json, deep(1_000_000), /100000 values/],
    [json, `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /100 levels/],
    [json, '{"__proto__":{"isAdmin":true}}', /__proto__/],
    [json, '{"a":[{"\\u005f_proto\\u005f_":1}]}', /__proto__/],
    ['application/x-www-form-urlencoded', '__proto__=1', /__proto__/],
    ['application/x-www-form-urlencoded', `payload=${encodeURIComponent('{"__proto__":1}')}`, /__proto__/]
  ] as const) {
    try {
      read(type, body as string)
      t.fail(`${body.slice(0, 30)} was read`)
    } catch (error) {
      t.ok(error instanceof Unreadable, String(error))
      t.match((error as Error).message, why)
    }
  }
  t.equal(read(json, deep(100)).json.length, 200, 'a hundred levels are not too many')
  t.ok(read(json, '{"constructor":{"prototype":1},"text":"\\"__proto__\\":"}'), 'what only looks like it is read')
})

t.test('what a body holds is not repeated when it is not JSON', async t => {
  const long = `"more": "${'x'.repeat(100)}"`
  for (const body of [
    '{"password": hunter2}',
    `{"password": hunter2, ${long}}`,
    `hunter2, ${long}`,
    `{${long}, hunter2}`
  ]) {
    t.throws(() => read('application/json', body), /^The body is not JSON: [^"]*\.$/, body)
    try {
      read('application/json', body)
    } catch (error) {
      t.notMatch((error as Error).message, /hunt|xx/)
    }
  }
})

t.test('a body of so many values that reading it would keep the server is not read', async t => {
  const json = 'application/json'
  const list = (count: number) => `[${'{},'.repeat(count - 1)}{}]`
  t.equal(read(json, list(100_000)).json.length, 300_001)
  t.throws(() => read(json, list(100_001)), /more than 100000 values/)
  t.throws(() => read(json, `[${'0,'.repeat(5_000_000)}0]`), /more than 100000 values/)
  t.equal(
    read(json, JSON.stringify([',[{"\\'.repeat(300_000)])).json.length,
    2_100_004,
    'what is in a text is one value'
  )
  const form = 'application/x-www-form-urlencoded'
  t.equal(Object.keys(read(form, Array.from({ length: 1000 }, (_, n) => n).join('&')).value as object).length, 1000)
  t.throws(() => read(form, 'a&'.repeat(1000)), /more than 1000 fields/)
})
