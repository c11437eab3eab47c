import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, type Dirent } from 'node:fs'
import { mkdir, open, opendir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import type { ByteRange } from '../lib/byte-range.ts'
import { flushFolder } from '../lib/flush-folder.ts'
import { Drive, type Reach, type StoredObject } from './drive.ts'
import type { StorageUrl } from './storage-url.ts'

/** What is not whole yet begins with this; no key does. */
const DRAFT = '.botyard-'

const PAGE = 1000

/** The folder has to be there: where the disk for it is not mounted, nothing must go to the one beneath. */
export function openFolder(url: Extract<StorageUrl, { kind: 'file' }>): Drive {
  const driver = new RemovingDriver({ location: url.folder, visibility: 'private' })
  return new Drive(url, new Disk(driver), new FolderReach(url.folder))
}

/** As flydrive's, but folders go with the last file in them: buckets have none. */
class RemovingDriver extends FSDriver {
  override async delete(key: string): Promise<void> {
    await stat(String(this.options.location))
    await super.delete(key)
    try {
      for (let parent = dirname(key); parent !== '.'; parent = dirname(parent))
        await rmdir(join(String(this.options.location), parent))
    } catch {
      // There is more in it, or it has gone.
    }
  }
}

class FolderReach implements Reach {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async upload(key: string, body: Readable, _bytes: number | null, signal: AbortSignal): Promise<void> {
    await stat(this.#folder)
    const path = join(this.#folder, key)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const draft = join(dirname(path), `${DRAFT}${randomUUID()}`)
    try {
      await pipeline(body, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }), { signal })
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    await flushFolder(dirname(path))
  }

  async read(key: string, range: ByteRange | null): Promise<Readable> {
    await stat(this.#folder)
    const file = await open(join(this.#folder, key))
    return createReadStream('', { fd: file, ...(range ?? {}) })
  }

  async *list(prefix: string) {
    await stat(this.#folder)
    let page: StoredObject[] = []
    for await (const entry of entriesOf(join(this.#folder, dirname(`${prefix}.`)))) {
      const path = join(entry.parentPath, entry.name)
      const key = relative(this.#folder, path)
      if (!entry.isFile() || !key.startsWith(prefix) || entry.name.startsWith(DRAFT)) continue
      const found = await stat(path).catch(() => null)
      if (found) page.push({ key, bytes: found.size, modifiedAt: Math.floor(found.mtimeMs) })
      if (page.length < PAGE) continue
      yield page
      page = []
    }
    yield page
  }

  isMissing(error: unknown): boolean {
    const { code, path, cause } = error as { code?: unknown; path?: string; cause?: unknown }
    // That the folder itself is not there is another matter.
    if (code === 'ENOENT' || code === 'ENOTDIR') return path !== this.#folder
    return cause ? this.isMissing(cause) : false
  }

  close(): void {
    // Nothing is held open.
  }
}

/** Everything in a folder, at any depth; nothing when it is not there. */
async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder, { recursive: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
