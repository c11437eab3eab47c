/** The files of attempts that a backup holds, while bots write some of them and the server moves or removes others. */
import { closeSync, fstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { walkFiles } from '../artifacts/walk.ts'
import { type Results, resultsOf } from '../attempts/results.ts'
import { openRegularFile } from '../lib/regular-file.ts'
import { compressedPath } from '../logs/log-bytes.ts'
import { Masks } from '../logs/masks.ts'
import { readAt } from '../logs/plain-bytes.ts'
import type { Seal } from '../secrets/seal.ts'
import { isAttemptFile, isEntryName } from './archive.ts'
import { cleanLog } from './clean-log.ts'
import type { SnapshotAttempt } from './snapshot.ts'
import type { Entry } from './tar-writer.ts'

/** What is no larger is read in one piece, so that it is of one moment whoever writes it. */
const SMALL_BYTES = 1024 * 1024
const CHUNK_BYTES = 128 * 1024

/** Everything there is: only who lists artifacts for people gives up early. */
const ALL = { maxEntries: Number.POSITIVE_INFINITY, maxMs: Number.POSITIVE_INFINITY }

export interface AttemptFilesOptions {
  attemptsFolder: string
  /** Opens what a log must not show. */
  seal: Seal
  add(entry: Entry): Promise<void>
  /** Something is not in the backup, and why. */
  leaveOut(path: string, why: string): void
}

export class AttemptFiles {
  readonly #options: AttemptFilesOptions

  constructor(options: AttemptFilesOptions) {
    this.#options = options
  }

  /** One that was removed meanwhile has nothing. */
  async addAll({ id, ended }: SnapshotAttempt): Promise<void> {
    const folder = join(this.#options.attemptsFolder, id)
    const names = namesIn(folder)
    for (const name of names.filter(name => isAttemptFile(name) && !/^log(\.zst)?$/.test(name))) {
      // Of a log that grows it would tell what is not in the backup; it is made anew.
      if (ended || name !== 'index') await this.#addFile(join(folder, name), `attempts/${id}/${name}`)
    }
    await this.#addLog(folder, id, ended)
    const results = resultsOf(this.#options.attemptsFolder, id)
    const place = results.group === null ? `attempts/${id}` : `results/${id}`
    if (results.group !== null) await this.#addFile(join(results.folder, 'payload'), `${place}/payload`)
    await this.#addArtifacts(results, `${place}/artifacts`, ended)
  }

  async #addLog(folder: string, id: string, ended: boolean): Promise<void> {
    const path = join(folder, 'log')
    const name = `attempts/${id}/log`
    const masks = new Masks(folder, id, this.#options.seal)
    if (ended && !masks.areKept()) {
      // In this order: the compressed one is there before the plain one goes.
      if (!(await this.#addFile(path, name))) await this.#addFile(compressedPath(path), compressedPath(name))
      return
    }
    await using(openRegularFile(path), async fd => {
      const { size, mtimeMs } = fstatSync(fd)
      const values = await masks.load().catch(() => null)
      if (!values) return this.#options.leaveOut(name, 'it may hold secrets, and the key at hand does not say which')
      const log = await cleanLog(fd, size, values, ended)
      await this.#options.add({ name, size: log.size, modifiedAt: mtimeMs, bytes: log.bytes() })
    })
  }

  async #addArtifacts({ folder, group }: Results, place: string, ended: boolean): Promise<void> {
    await walkFiles(join(folder, 'artifacts'), ALL, async ({ name, path }) => {
      const entryName = `${place}/${name}`
      const isThere = await using(openRegularFile(path), async fd => {
        // A bot of another user can link to files that are not its own.
        if (group !== null && fstatSync(fd).gid !== group) return
        if (!isEntryName(entryName)) return this.#options.leaveOut(entryName, 'its name is too long')
        if (ended || fstatSync(fd).size <= SMALL_BYTES) await this.#addOpen(fd, entryName)
        else this.#options.leaveOut(entryName, 'it is large, and its bot may still be writing it')
      })
      if (!isThere) this.#options.leaveOut(entryName, 'it was removed, may not be read, or its name is no UTF-8')
      return false
    })
  }

  /** False when there is no such file. */
  async #addFile(path: string, name: string): Promise<boolean> {
    return using(openRegularFile(path), fd => this.#addOpen(fd, name))
  }

  async #addOpen(fd: number, name: string): Promise<void> {
    const { size, mtimeMs } = fstatSync(fd)
    if (size > SMALL_BYTES) {
      // What a bot has left behind may go on writing, and must not keep everybody from having a backup.
      const cut = () => this.#options.leaveOut(name, 'it became shorter while it was read: its end is zeros')
      await this.#options.add({ name, size, modifiedAt: mtimeMs, bytes: bytesOf(fd, size, cut) })
      return
    }
    const buffer = Buffer.allocUnsafe(size)
    const bytes = buffer.subarray(0, size > 0 ? await readAt(fd, buffer, 0) : 0)
    await this.#options.add({ name, size: bytes.length, modifiedAt: mtimeMs, bytes: [bytes] })
  }
}

/** So many bytes, whatever becomes of the file: the size of an entry of a tar archive is written before it. */
async function* bytesOf(fd: number, size: number, onCut: () => void): AsyncGenerator<Buffer> {
  let isCut = false
  for (let place = 0; place < size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - place))
    const length = isCut ? 0 : await readAt(fd, buffer, place)
    if (length === 0 && !isCut) {
      isCut = true
      onCut()
    }
    const bytes = isCut ? buffer.fill(0) : buffer.subarray(0, length)
    yield bytes
    place += bytes.length
  }
}

/** False when there is nothing to use. */
async function using(fd: number | null, use: (fd: number) => Promise<void>): Promise<boolean> {
  if (fd === null) return false
  try {
    await use(fd)
    return true
  } finally {
    closeSync(fd)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
