import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { type Drive, openDrive, whyNot } from '../../src/storage/drive.ts'
import { readStorageUrl, type StorageUrl } from '../../src/storage/storage-url.ts'
import { testFolder } from '../support/folder.ts'
import { startGcs } from '../support/gcs.ts'
import { needsS3, S3_KEYS, s3Url, startS3 } from '../support/s3.ts'

t.test('S3', needsS3, async t => {
  Object.assign(process.env, S3_KEYS)
  const port = await startS3(t)
  await conformance(t, s3Url(port, 'a/prefix'), s3Url(port).replace('bots', 'others'))
})

t.test('Google Cloud Storage', async t => {
  process.env.STORAGE_EMULATOR_HOST = (await startGcs(t)).url
  await conformance(t, 'gs://bots/a/prefix', 'gs://others')
})

t.test('a folder', async t => {
  const folder = testFolder(t, { here: {} })
  await conformance(t, `file://${folder}/here`, `file://${folder}/not-mounted`)
  t.same(readdirSync(join(folder, 'here')), [], 'where nothing is left')
})

async function conformance(t: Test, url: string, missing: string): Promise<void> {
  const drive = await open(t, url)

  await t.test('keeps bytes of any number, and gives out any range of them', async t => {
    // Larger than one part of any store, and no whole number of them.
    for (const size of [0, 1, 100_000, 20 * 1024 ** 2 + 7]) {
      const bytes = randomBytes(size)
      for (const known of [true, false]) {
        const key = `sizes/${size}-${known}`
        t.equal(await drive.upload(key, pieces(bytes), known ? { bytes: size } : {}), size)
        t.equal((await drive.stat(key))?.bytes, size)
        t.equal(sha(await buffer((await drive.read(key))!)), sha(bytes), `all of ${key}`)
      }
      if (size < 1000) continue
      const part = await buffer((await drive.read(`sizes/${size}-true`, { start: 10, end: size - 5 }))!)
      t.equal(sha(part), sha(bytes.subarray(10, size - 4)), 'a range')
    }
  })

  await t.test('replaces an object, and removes it, also twice', async t => {
    await drive.upload('one', pieces(Buffer.from('first')))
    await drive.upload('one', pieces(Buffer.from('and then')))
    t.equal(String(await buffer((await drive.read('one'))!)), 'and then')
    await drive.remove('one')
    await drive.remove('one')
    t.equal(await drive.stat('one'), null)
    t.equal(await drive.read('one'), null)
  })

  await t.test('lists what begins with a prefix, however many', async t => {
    const keys = Array.from({ length: 7 }, (_, i) => `lists/a/${i}.txt`)
    for (const key of [...keys, 'lists/b']) await drive.upload(key, pieces(Buffer.from(key)))
    const found = await all(drive.list('lists/a/'))
    t.same(
      found.map(({ key, bytes }) => [key, bytes]).sort(),
      keys.map(key => [key, key.length])
    )
    t.ok(found.every(({ modifiedAt }) => Math.abs(Date.now() - modifiedAt) < 60_000))
    t.same(await all(drive.list('nothing/')), [])
  })

  await t.test('has no object, or still the one before, of an upload that was broken off', async t => {
    await drive.upload('broken/old', pieces(Buffer.from('old')))
    for (const key of ['broken/new', 'broken/old']) {
      const breaking = new AbortController()
      const endless = Readable.from(
        (async function* () {
          for (let i = 0; ; i++) {
            if (i === 100) breaking.abort(new Error('enough'))
            yield randomBytes(100_000)
          }
        })(),
        { objectMode: false }
      )
      await t.rejects(drive.upload(key, endless, { signal: breaking.signal }))
      const failing = Readable.from(
        (async function* () {
          yield randomBytes(6_000_000)
          throw new Error('the disk is gone')
        })(),
        { objectMode: false }
      )
      await t.rejects(drive.upload(key, failing), /the disk is gone/)
    }
    const found = await all(drive.list('broken/'))
    t.same(
      found.map(({ key, bytes }) => [key, bytes]),
      [['broken/old', 3]]
    )
  })

  await t.test('says that its place is not there', async t => {
    const lost = await open(t, missing)
    for (const use of [() => lost.upload('x', pieces(Buffer.from('x'))), () => all(lost.list(''))]) {
      const said = await (use as () => Promise<unknown>)().then(() => 'nothing', whyNot)
      t.match(said, /bucket|status code 404|ENOENT.*not-mounted/i)
    }
  })

  for await (const { key } of drive.list('')) await drive.remove(key)
  t.same(await all(drive.list('')), [])
}

async function open(t: Test, url: string): Promise<Drive> {
  const drive = await openDrive(readStorageUrl(url) as StorageUrl)
  t.teardown(() => drive.close())
  return drive
}

/** In pieces of odd sizes, as from a socket. */
function pieces(bytes: Buffer): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += 65_521) yield bytes.subarray(at, at + 65_521)
    })(),
    { objectMode: false }
  )
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
