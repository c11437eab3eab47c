/** What leaves the machine of a log while secrets in it may not be covered yet. */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { cleanLog } from '../../src/backup/clean-log.ts'
import { testFolder } from '../support/folder.ts'
import { seeded } from '../support/properties.ts'

const dir = testFolder(t)

async function seen(text: string, values: string[], isEnd: boolean): Promise<string> {
  const path = join(dir, 'log')
  writeFileSync(path, text)
  const fd = openSync(path, 'r')
  try {
    const log = await cleanLog(fd, Buffer.byteLength(text), values, isEnd)
    const bytes = await buffer(log.bytes())
    if (bytes.length !== log.size) throw new Error(`${log.size} bytes were announced, and ${bytes.length} came`)
    return bytes.toString()
  } finally {
    closeSync(fd)
  }
}

t.test('secrets are covered, and what may be the beginning of one is left away', async t => {
  t.equal(await seen('a hunter22 b\n', ['hunter22'], false), 'a ******** b\n')
  t.equal(await seen('a hunt', ['hunter22'], false), 'a ')
  t.equal(await seen('a hunt', ['hunter22'], true), 'a hunt', 'too little of one to tell')
  t.equal(await seen('a hunter2', ['hunter22'], true), 'a *******', 'or enough')
  t.equal(await seen('', ['hunter22'], false), '')
  t.equal(await seen('plain', [], false), 'plain')
})

t.test('what a bot masks itself is covered, also where it stood before', async t => {
  t.equal(
    await seen('first s3cret-value\n::add-mask::s3cret-value\nthen s3cret-value\n', [], false),
    'first ************\n::add-mask::************\nthen ************\n'
  )
  t.equal(await seen('one\n::add-mask::s3cr', [], false), 'one\n', 'not while its line has not ended')
})

t.test('wherever in a long log a secret lies, and wherever the log ends at this moment', async t => {
  const value = 'hunter22-and-more'
  const { seed } = seeded(t)
  const places = fc.tuple(fc.integer({ min: 0, max: 600_000 }), fc.integer({ min: 0, max: 40 }))
  for (const [place, rest] of fc.sample(places, { seed, numRuns: 40 })) {
    const text = `${'x'.repeat(place)}${value}${'y'.repeat(40)}`.slice(0, place + rest)
    const got = await seen(text, [value], false)
    t.notMatch(got, /hunter/, `${place} ${rest}`)
    t.ok(got.length >= place)
    t.equal(got.slice(0, place), text.slice(0, place))
  }
})
