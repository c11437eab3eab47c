import t from 'tap'
import type { Bot, CreateBot } from '../../src/bots/bot.ts'
import { buildApp } from '../support/app.ts'
import { isProblem } from '../support/problems.ts'

const BOTS: (CreateBot & { slug: string })[] = [
  { slug: 'nightly', name: 'Nightly Report', description: 'Sums up 100% of the day', command: ['true'], tags: ['Ops'] },
  { slug: 'aerger', name: 'Ärger', description: 'a_b', command: ['true'], tags: ['home', 'ops-team'] },
  { slug: 'paths', name: 'Paths', description: 'C:\\temp', command: ['echo', 'nightly'], env: { A: 'ops' } },
  { slug: 'quotes', name: 'Say "hi"', description: '', command: ['true'], tags: ['a"b', 'x,y'] }
]

t.test('bots are found by a piece of their name, slug, description or a tag, in upper or lower case', async t => {
  const app = await buildApp(t)
  for (const bot of BOTS) await app.post('/api/bots', bot)
  const found = async (search: string) => {
    const { body } = await app.get(`/api/bots?search=${encodeURIComponent(search)}`)
    return body.items.map((bot: Bot) => bot.slug)
  }
  for (const [search, slugs] of [
    ['REPORT', ['nightly']],
    ['nightly', ['nightly']],
    ['aerg', ['aerger']],
    ['ärger', ['aerger']],
    ['A\u0308RGER', ['aerger']],
    ['sums UP', ['nightly']],
    ['ops', ['aerger', 'nightly']],
    ['%', ['nightly']],
    ['100% of', ['nightly']],
    ['_', ['aerger']],
    ['a_b', ['aerger']],
    ['\\', ['paths']],
    ['c:\\TEMP', ['paths']],
    ['"', ['quotes']],
    ['a"b', ['quotes']],
    ['","', []],
    ['[', []],
    ["'", []],
    ['home ops', []],
    ['true', []],
    ['', ['quotes', 'paths', 'aerger', 'nightly']]
  ] as const) {
    t.same(await found(search), slugs, JSON.stringify(search))
  }
  isProblem(t, await app.get(`/api/bots?search=${'x'.repeat(201)}`), 400, 'invalid_request')
})

t.test('a bot is found by what it is called now, not by what it was', async t => {
  const app = await buildApp(t)
  const { id } = await app.makeBot(['true'], { name: 'Before', tags: ['old'] })
  await app.patch(`/api/bots/${id}`, { name: 'After', slug: 'later', tags: ['new'] })
  for (const search of ['after', 'later', 'new']) {
    t.equal((await app.get(`/api/bots?search=${search}`)).body.items.length, 1, search)
  }
  for (const search of ['before', 'old']) {
    t.same((await app.get(`/api/bots?search=${search}`)).body.items, [], search)
  }
})

t.test('what is found comes page by page', async t => {
  const app = await buildApp(t)
  for (let i = 0; i < 9; i++) await app.makeBot(['true'], { name: i % 2 ? `Odd ${i}` : `Even ${i}` })
  const names: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = await app.get(`/api/bots?search=even&limit=2${cursor && `&cursor=${cursor}`}`)
    names.push(...body.items.map((bot: Bot) => bot.name))
    cursor = body.nextCursor
  }
  t.same(names, ['Even 8', 'Even 6', 'Even 4', 'Even 2', 'Even 0'])
})
