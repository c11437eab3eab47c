/** Makes a backup, in a process of its own: what is held and done here is nothing to the server. */
import { randomBytes } from 'node:crypto'
import { closeSync, createReadStream, existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { attemptsFolder } from '../attempts/attempt-directory.ts'
import { BACKUP_LOCK, tryLock } from '../db/lock.ts'
import { deriveKey, KEY_FILES, knownSecretKeys, nameOfKey, type SecretKeys } from '../keys/secret-key.ts'
import { StartError } from '../lib/errors.ts'
import { openRegularFile } from '../lib/regular-file.ts'
import { VERSION } from '../process/version.ts'
import { Seal } from '../secrets/seal.ts'
import { backupName, CHECKSUMS, DATABASE, DESCRIPTION, type Description, FORMAT } from './archive.ts'
import { AttemptFiles } from './attempt-files.ts'
import { encrypting } from './encryption.ts'
import { makeDraftFolder, Snapshot } from './snapshot.ts'
import { TarWriter } from './tar-writer.ts'

/** What is named of what was left out; of more it is said how much. */
const MAX_NAMED = 20

/** Who only looks whether one is being made holds the lock for a moment. */
const LOCK_MS = 500

/** A backup that is to be made. As JSON it goes to the process that makes it. */
export interface Order {
  dataDir: string
  secretKey: string | null
  previousSecretKey: string | null
  passphrase: string | null
  /** Whether the key kept in the data folder goes in. */
  withKey: boolean
}

export interface Report {
  name: string
  executions: number
  files: number
  /** Of the files, before they were compressed. */
  contentBytes: number
  /** Of the backup. */
  bytes: number
  tookMs: number
  key: Description['key']['where']
  encrypted: boolean
  /** The first of them. */
  leftOut: { path: string; why: string }[]
  leftOutCount: number
}

/** Somebody else makes one of the same data folder. */
export class BackupRunning extends StartError {}

/**
 * Makes one, and gives it to `put` by its name as it comes.
 * @throws StartError when it cannot be made, and what `put` throws.
 */
export async function makeBackup(order: Order, put: (name: string, bytes: Readable) => Promise<void>): Promise<Report> {
  const { dataDir } = order
  if (!existsSync(join(dataDir, DATABASE)))
    throw new StartError(`There is no database in ${dataDir}. Set DATA_DIR to the data folder of the server.`)
  const unlock = tryLock(dataDir, BACKUP_LOCK, LOCK_MS)
  if (!unlock)
    throw new BackupRunning(`Another backup of ${dataDir} is being made. Wait for its end, or end it, and try again.`)
  try {
    const draft = makeDraftFolder(dataDir)
    try {
      return await make(order, draft, put)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  } finally {
    unlock()
  }
}

async function make(
  order: Order,
  draft: string,
  put: (name: string, bytes: Readable) => Promise<void>
): Promise<Report> {
  const began = performance.now()
  const createdAt = Date.now()
  const keys = knownSecretKeys(order)
  const snapshot = new Snapshot(order.dataDir, draft)
  try {
    const description = describe(order, createdAt, keys, snapshot)
    const tar = new TarWriter(join(draft, CHECKSUMS))
    const out = new PassThrough()
    const count = { bytes: 0 }
    const name = backupName(createdAt, order.passphrase !== null)
    const leftOut: Report['leftOut'] = []
    let leftOutCount = 0
    const fill = async () => {
      try {
        await addServer(tar, order, description, snapshot)
        const files = new AttemptFiles({
          attemptsFolder: attemptsFolder(order.dataDir),
          // With no key at hand none opens what it sealed, and so does this.
          seal: keys ? sealOf(keys) : new Seal(randomBytes(32)),
          add: entry => tar.add(entry),
          leaveOut: (path, why) => {
            if (++leftOutCount <= MAX_NAMED) leftOut.push({ path, why })
          }
        })
        for (const attempt of snapshot.attempts()) await files.addAll(attempt)
        await tar.finish(createdAt)
      } catch (error) {
        tar.fail(error as Error)
        throw error
      }
    }
    await allOf(put(name, out), fill(), packInto(out, tar.stream, order.passphrase, count))
    return {
      name,
      executions: description.executions,
      files: tar.files,
      contentBytes: tar.bytes,
      bytes: count.bytes,
      tookMs: Math.round(performance.now() - began),
      key: description.key.where,
      encrypted: order.passphrase !== null,
      leftOut,
      leftOutCount
    }
  } finally {
    snapshot.close()
  }
}

/** Whatever goes wrong comes to whoever keeps the backup last, and as it was; the others may only hear that they are not wanted. */
async function allOf(put: Promise<void>, ...others: Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled([put, ...others])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

function packInto(out: PassThrough, tar: Readable, passphrase: string | null, count: { bytes: number }): Promise<void> {
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  async function* counted(source: AsyncIterable<Buffer>) {
    for await (const bytes of source) {
      count.bytes += bytes.length
      yield bytes
    }
  }
  return passphrase === null
    ? pipeline(tar, zstd, counted, out)
    : pipeline(tar, zstd, encrypting(passphrase), counted, out)
}

function describe(order: Order, createdAt: number, keys: SecretKeys | null, snapshot: Snapshot): Description {
  const where = order.secretKey !== null ? 'environment' : order.withKey ? 'included' : 'left_out'
  return {
    format: FORMAT,
    botyard: VERSION,
    createdAt,
    migrations: snapshot.migrations(),
    executions: snapshot.executions(),
    key: { where, name: keys && nameOfKey(keys.current) }
  }
}

/** All but attempts: what the backup is, the database, and the key. */
async function addServer(tar: TarWriter, order: Order, description: Description, snapshot: Snapshot): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(description, null, 2)}\n`)
  const modifiedAt = description.createdAt
  await tar.add({ name: DESCRIPTION, size: text.length, modifiedAt, bytes: [text] })
  const { size } = statSync(snapshot.path)
  await tar.add({ name: DATABASE, size, modifiedAt, bytes: createReadStream(snapshot.path) })
  if (description.key.where !== 'included') return
  for (const name of KEY_FILES) {
    const fd = openRegularFile(join(order.dataDir, name))
    if (fd === null) continue
    try {
      const key = readFileSync(fd)
      await tar.add({ name, size: key.length, modifiedAt, bytes: [key] })
    } finally {
      closeSync(fd)
    }
  }
}

function sealOf({ current, previous }: SecretKeys): Seal {
  return new Seal(deriveKey(current, 'sealed values'), previous === null ? null : deriveKey(previous, 'sealed values'))
}
