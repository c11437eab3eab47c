/** Reads a backup into a folder, and believes nothing of it: it may be damaged, cut short, another's, or made to do harm. */
import { createHash, type Hash } from 'node:crypto'
import { createWriteStream, mkdirSync, statfsSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { type Extract, extract, type Header } from 'tar-stream'
import { StartError } from '../lib/errors.ts'
import { shortageIn } from '../lib/shortages.ts'
import { CHECKSUMS, checksumLine, DESCRIPTION, type Description, FORMAT, isEntryName } from './archive.ts'
import { AGE_HEADER, decrypting } from './encryption.ts'

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** Far more than a description takes. */
const MAX_DESCRIPTION_BYTES = 1024 * 1024

type Bytes = AsyncIterable<Uint8Array>
type TarEntry = AsyncIterable<Buffer> & { header: Header }

/** What is wrong with a backup, for people. */
export class BadBackup extends Error {}

export interface Unpacked {
  description: Description
  files: number
  bytes: number
}

/**
 * Whatever is in `folder` when it fails is of no use.
 * @throws BadBackup for what is no whole backup, StartError when the machine cannot take it.
 */
export async function unpack(source: Readable, folder: string, passphrase: string | null): Promise<Unpacked> {
  const tar = extract()
  const failures: unknown[] = []
  const fed = feed(tar, archiveIn(source, passphrase)).catch(error => {
    failures.push(error)
    tar.destroy(error)
  })
  const unpacked = await readEntries(tar as AsyncIterable<TarEntry>, folder).catch(error => {
    failures.push(error)
    tar.destroy()
    source.destroy()
  })
  await fed
  if (unpacked && failures.length === 0) return unpacked
  throw explained(failures[0] as NodeJS.ErrnoException, folder)
}

async function feed(tar: Extract, bytes: Bytes): Promise<void> {
  const told = (event: string) => new Promise<void>(resolve => void tar.once(event, () => resolve()))
  const closed = told('close')
  tar.on('error', () => {}) // it comes to whoever reads the entries
  for await (const piece of bytes) {
    if (tar.destroyed) return
    if (!tar.write(piece)) await Promise.race([told('drain'), closed])
  }
  tar.end(null)
}

async function readEntries(tar: AsyncIterable<TarEntry>, folder: string): Promise<Unpacked> {
  const sums = createHash('sha256')
  let description: Description | null = null
  let isWhole = false
  let [files, bytes] = [0, 0]
  for await (const entry of tar) {
    const { name, size = 0, type } = entry.header
    if (isWhole) throw new BadBackup('something follows where it ends')
    if (type !== 'file' || !isEntryName(name))
      throw new BadBackup(`${JSON.stringify(name)} in it is in no backup of ours`)
    if ((description === null) !== (name === DESCRIPTION)) throw new BadBackup('it does not begin with what it is')
    const hash = createHash('sha256')
    if (name === CHECKSUMS) {
      for await (const piece of entry) hash.update(piece)
      if (hash.digest('hex') !== sums.digest('hex')) throw new BadBackup('its checksums are not those of what is in it')
      isWhole = true
      continue
    }
    if (name === DESCRIPTION) description = await readDescription(entry, hash)
    else await keep(entry, folder, hash)
    sums.update(checksumLine(hash.digest('hex'), name))
    files++
    bytes += size
  }
  if (!description || !isWhole) throw new BadBackup('it is cut short')
  return { description, files, bytes }
}

async function readDescription(entry: TarEntry, hash: Hash): Promise<Description> {
  if (entry.header.size! > MAX_DESCRIPTION_BYTES) throw new BadBackup('what it says of itself is too long')
  let text = ''
  for await (const piece of entry) {
    hash.update(piece)
    text += piece.toString('latin1') // all of it is ASCII
  }
  const description = parse(text)
  if (!(description && Number.isInteger(description.format) && Array.isArray(description.migrations)))
    throw new BadBackup('what it says of itself cannot be read')
  if (description.format === FORMAT) return description
  throw new BadBackup(`it is of form ${description.format}, which a newer version has made: restore it with that`)
}

function parse(text: string): Description | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** As nobody but we may read it. A second of the same name finds the first in its way. */
async function keep(entry: TarEntry, folder: string, hash: Hash): Promise<void> {
  const { name, size = 0, mtime } = entry.header
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < size)
    throw new StartError(`There is no room on the disk of ${folder} for ${name} with its ${size} bytes.`)
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  async function* hashed(bytes: AsyncIterable<Buffer>) {
    for await (const piece of bytes) {
      hash.update(piece)
      yield piece
    }
  }
  await pipeline(entry, hashed, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  if (mtime) await utimes(path, mtime, mtime)
}

/** The tar archive in a file, whether it is encrypted or not. */
async function* archiveIn(file: Bytes, passphrase: string | null): AsyncGenerator<Uint8Array> {
  const { head, all } = await peek(file, AGE_HEADER.length)
  const isEncrypted = head.toString('latin1') === AGE_HEADER
  if (isEncrypted && passphrase === null)
    throw new BadBackup('it is encrypted: set BACKUP_PASSPHRASE to the passphrase that it was made with')
  yield* decompressed(isEncrypted ? decrypting(passphrase!)(all) : all)
}

async function* decompressed(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const { head, all } = await peek(bytes, ZSTD_MAGIC.length)
  if (!head.equals(ZSTD_MAGIC)) throw new BadBackup('it is no backup of Botyard')
  const zstd = createZstdDecompress()
  const done = pipeline(Readable.from(all, { objectMode: false }), zstd)
  done.catch(() => {}) // it comes to whoever reads
  yield* zstd
  await done
}

/** The first bytes, and all of them: these and what follows. */
async function peek(source: Bytes, length: number): Promise<{ head: Buffer; all: Bytes }> {
  const pieces = source[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  while (start.length < length) {
    const { value, done } = await pieces.next()
    if (done) break
    start = Buffer.concat([start, value])
  }
  async function* all() {
    yield start
    yield* { [Symbol.asyncIterator]: () => pieces }
  }
  return { head: start.subarray(0, length), all: all() }
}

function explained(error: NodeJS.ErrnoException, folder: string): Error {
  if (error instanceof BadBackup || error instanceof StartError) return error
  if (shortageIn(error)) return new StartError(`It cannot be unpacked into ${folder}: ${error.message}`)
  if (/no identity matched/.test(error.message))
    return new BadBackup('BACKUP_PASSPHRASE is not what it was encrypted with')
  // Two entries that are in each other's way are nothing that we have made.
  if (error.syscall === undefined || /^(EEXIST|ENOTDIR|EISDIR|ENAMETOOLONG)$/.test(error.code ?? ''))
    return new BadBackup(`it is damaged (${error.message})`)
  return new StartError(`It cannot be unpacked: ${error.message}`)
}
