/** A restore of what is no whole backup of ours changes nothing and says why. */
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type Header as FullHeader, pack } from 'tar-stream'

type Header = Pick<FullHeader, 'name'> & Partial<FullHeader>

import { restore } from '../../src/backup/restore.ts'
import { StartError } from '../../src/lib/errors.ts'
import { newId } from '../../src/lib/ids.ts'
import { buildApp } from '../support/app.ts'
import { backUp, restoreFrom } from '../support/backup.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'

const PASSPHRASE = 'a dozen words or so'
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const dir = testFolder(t, { backups: {} })
const dataDir = join(dir, 'data')
const app = await buildApp(t, { dataDir })
await app.finished(['/bin/sh', '-c', 'seq 30000; seq 100 >"$BOTYARD_ARTIFACTS/a.txt"'])
const plain = await backUp(dataDir, join(dir, 'backups'))
const sealed = await backUp(dataDir, join(dir, 'backups'), { passphrase: PASSPHRASE })

/** Restores these bytes into a folder beside nothing else. @returns what was said against it; null when it was restored. */
async function problemWith(bytes: Buffer, passphrase?: string): Promise<string | null> {
  const place = join(dir, `place-${newId()}`)
  mkdirSync(place)
  const file = join(dir, 'given')
  writeFileSync(file, bytes)
  try {
    await restoreFrom(file, join(place, 'data'), passphrase === undefined ? {} : { passphrase })
    return null
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    if (readdirSync(place).length > 0) throw new Error(`it left ${readdirSync(place)}`)
    if (!error.message.includes('Nothing was changed.')) throw new Error(`it said only: ${error.message}`)
    return error.message
  }
}

t.test('whole ones are restored, and what is in them is for their owner alone', async t => {
  const place = join(dir, 'whole')
  t.match(await restoreFrom(plain.path, place), { key: 'restored', lost: 0, description: { executions: 1 } })
  for (const name of readdirSync(place, { recursive: true, encoding: 'utf8' }))
    t.equal(statSync(join(place, name)).mode & 0o077, 0, name)
  t.equal(await problemWith(readFileSync(sealed.path), PASSPHRASE), null)
})

t.test('cut short, wherever', async t => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.comment(`SEED=${seed}`)
  for (const [bytes, passphrase] of [
    [readFileSync(plain.path), undefined],
    [readFileSync(sealed.path), PASSPHRASE]
  ] as const) {
    // Node ends what it compresses with another frame, in which nothing is: a backup that has lost that alone is whole.
    const lastFrame = bytes.lastIndexOf(ZSTD_MAGIC)
    const max = (lastFrame > 0 ? lastFrame : bytes.length) - 1
    const lengths = fc.sample(fc.integer({ min: 0, max }), { seed, numRuns: 8 })
    for (const length of [...lengths, max])
      t.match(await problemWith(bytes.subarray(0, length), passphrase), /./, `${length} of ${bytes.length} bytes`)
  }
})

t.test('a bit changed, wherever', async t => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.comment(`SEED=${seed}`)
  for (const [bytes, passphrase] of [
    [readFileSync(plain.path), undefined],
    [readFileSync(sealed.path), PASSPHRASE]
  ] as const) {
    for (const bit of fc.sample(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), { seed, numRuns: 12 })) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      t.match(await problemWith(changed, passphrase), /./, `bit ${bit}`)
    }
  }
})

t.test('the wrong passphrase, or none', async t => {
  const bytes = readFileSync(sealed.path)
  t.match(await problemWith(bytes), /it is encrypted: set BACKUP_PASSPHRASE/)
  t.match(await problemWith(bytes, 'another passphrase'), /BACKUP_PASSPHRASE is not what it was encrypted with/)
})

const uncompressed = async (entries: [Header, (string | Buffer)?][]): Promise<Buffer> => {
  const tar = pack()
  for (const [header, content] of entries) tar.entry(header, content ?? '')
  tar.finalize()
  return buffer(tar)
}
const packed = async (entries: [Header, (string | Buffer)?][]) => zstdCompressSync(await uncompressed(entries))

t.test('what is not ours', async t => {
  const foreign: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['a text', readFileSync(join(import.meta.dirname, '../../README.md'))],
    ['a tar archive of something else', await packed([[{ name: 'hello.txt' }, 'hello']])],
    ['something else that is compressed', zstdCompressSync(Buffer.from('hello'.repeat(1000)))],
    ['an archive that is not compressed', await uncompressed([[{ name: 'hello.txt' }, 'hello']])]
  ]
  for (const [what, bytes] of foreign)
    t.match(await problemWith(bytes), /cannot be restored: it|cannot be restored: "/, what)
})

const DESCRIPTION = JSON.stringify({ format: 1, botyard: '0', createdAt: 1, migrations: [], executions: 0, key: {} })

t.test('what would come to lie elsewhere, or is no file', async t => {
  const id = newId()
  const described: [Header, string] = [{ name: 'botyard-backup.json' }, DESCRIPTION]
  const artifacts = `attempts/${id}/artifacts`
  const hostile: Header[] = [
    { name: '../escaped' },
    { name: '/tmp/escaped' },
    { name: `${artifacts}/../../../../escaped` },
    { name: `${artifacts}/./x` },
    { name: `${artifacts}//x` },
    { name: `attempts/${id}/pid` },
    { name: `attempts/${id}/input` },
    { name: `attempts/not-an-id/log` },
    { name: 'botyard.db-wal' },
    { name: 'setup-token' },
    { name: `attempts/${id}/log`, type: 'symlink', linkname: '/etc/passwd' },
    { name: `attempts/${id}/log`, type: 'link', linkname: '/etc/passwd' },
    { name: `${artifacts}/device`, type: 'character-device', devmajor: 1, devminor: 3 },
    { name: `${artifacts}/fifo`, type: 'fifo' },
    { name: `${artifacts}/folder`, type: 'directory' }
  ]
  for (const header of hostile)
    t.match(await problemWith(await packed([described, [header]])), /is in no backup of ours/, JSON.stringify(header))
  const twice: [Header, string] = [{ name: `${artifacts}/a` }, 'a']
  t.match(await problemWith(await packed([described, twice, twice])), /damaged/, 'two of one name')
  const within: [Header, string] = [{ name: `${artifacts}/a/b` }, 'b']
  t.match(await problemWith(await packed([described, twice, within])), /damaged/, 'a file as a folder')
  t.match(await problemWith(await packed([described, [{ name: 'SHA256SUMS' }, 'x']])), /its checksums are not/)
  t.notOk(existsSync(join(dir, 'escaped')) || existsSync('/tmp/escaped'))
})

async function copyWith(t: Test, change: (dataDir: string) => void): Promise<string | null> {
  const copy = join(testFolder(t), 'data')
  await restoreFrom(plain.path, copy)
  change(copy)
  const out = join(copy, '..')
  return problemWith(readFileSync((await backUp(copy, out)).path))
}

t.test('of a newer version', async t => {
  const newer = await copyWith(t, copy =>
    withDatabase(copy, db => db.exec("INSERT INTO migrations VALUES ('9999-from-the-future', 'x', 1)"))
  )
  t.match(newer, /its database is newer than this version: it has 9999-from-the-future/)
  const description = JSON.stringify({ ...JSON.parse(DESCRIPTION), format: 2 })
  t.match(await problemWith(await packed([[{ name: 'botyard-backup.json' }, description]])), /a newer version has made/)
})

t.test('a damaged database is not backed up', async t => {
  const copy = join(testFolder(t), 'data')
  await restoreFrom(plain.path, copy)
  const file = join(copy, 'botyard.db')
  const bytes = readFileSync(file)
  bytes.fill(0x55, 8192, bytes.length - 8192)
  writeFileSync(file, bytes)
  await t.rejects(backUp(copy, join(copy, '..')), { name: 'StartError', message: /is damaged/ })
  t.same(readdirSync(join(copy, '..')), ['data'], 'there is nothing that looks like a backup')
})

t.test('only into a folder that is empty or not there', async t => {
  const folder = testFolder(t, { full: { 'notes.txt': 'mine' }, empty: {} })
  const source = createReadStream(plain.path)
  const order = { source, name: plain.path, dataDir: join(folder, 'full'), passphrase: null, secretKey: null }
  await t.rejects(restore(order), { message: /is not empty: there is notes.txt/ })
  t.ok(source.destroyed, 'what was opened for it is closed')
  t.same(readdirSync(join(folder, 'full')), ['notes.txt'])
  t.same(readdirSync(folder).sort(), ['empty', 'full'])
  await restoreFrom(plain.path, join(folder, 'empty'))
  t.ok(existsSync(join(folder, 'empty/botyard.db')))
  await restoreFrom(plain.path, join(folder, 'deep/down/here'))
  t.ok(existsSync(join(folder, 'deep/down/here/botyard.db')))
  chmodSync(join(folder, 'deep'), 0o700)
})

t.test('the key that is needed is told', async t => {
  const folder = testFolder(t, { out: {} })
  const key = readFileSync(join(dataDir, '.secret_key'), 'utf8').trim()
  const without = await backUp(dataDir, join(folder, 'out'), { withKey: false })
  t.equal(without.report.key, 'left_out')
  t.match(await restoreFrom(without.path, join(folder, 'a')), { key: 'missing' })
  t.notOk(existsSync(join(folder, 'a/.secret_key')))
  t.match(await restoreFrom(without.path, join(folder, 'b'), { secretKey: key }), { key: 'environment' })
  t.match(await restoreFrom(without.path, join(folder, 'c'), { secretKey: 'x'.repeat(32) }), { key: 'wrong' })
})
