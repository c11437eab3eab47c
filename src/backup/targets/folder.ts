import { constants, createReadStream, createWriteStream } from 'node:fs'
import { access, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StartError } from '../../lib/errors.ts'
import { flushFolder } from '../../lib/flush-folder.ts'
import { shortageIn } from '../../lib/shortages.ts'
import { isBackupName } from '../archive.ts'
import type { Target } from './target.ts'

const UNFINISHED = '.partial'

/** A folder of backups, for nobody but our user to read. */
export class FolderTarget implements Target {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  describe(name: string): string {
    return join(this.#folder, name)
  }

  async check(): Promise<void> {
    try {
      if (!(await stat(this.#folder)).isDirectory()) throw new Error('it is no folder')
      await access(this.#folder, constants.W_OK | constants.X_OK)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const why = { ENOENT: 'there is no such folder', EACCES: 'it is closed to us' }[code ?? ''] ?? message
      throw new StartError(
        `Backups cannot be written into ${this.#folder}: ${why}. Make the folder, and let the server's user write in it.`
      )
    }
    // One backup of a data folder is made at a time, and a folder of backups is for one data folder: nobody writes these.
    const names = await readdir(this.#folder)
    for (const name of names.filter(isUnfinished)) await rm(join(this.#folder, name), { force: true })
  }

  /** It has its name once it is on the disk. */
  async put(name: string, bytes: Readable): Promise<void> {
    const path = join(this.#folder, name)
    const draft = `${path}${UNFINISHED}`
    try {
      await pipeline(bytes, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }))
      await rename(draft, path)
      await flushFolder(this.#folder)
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {}) // what is left has no name of ours
      const { code, message } = error as NodeJS.ErrnoException
      if (shortageIn(error) && /ENOSPC|EDQUOT/.test(code!))
        throw new StartError(
          `The backup could not be written: the disk of ${this.#folder} is full. Make room there, or let fewer backups be kept.`
        )
      if (code !== undefined && draft === (error as NodeJS.ErrnoException).path)
        throw new StartError(`The backup could not be written: ${message}`)
      throw error
    }
  }

  names(): Promise<string[]> {
    return readdir(this.#folder)
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true })
  }

  async read(name: string): Promise<Readable> {
    const path = join(this.#folder, name)
    try {
      return createReadStream('', { fd: await open(path, 'r') })
    } catch (error) {
      throw new StartError(`${path} cannot be read: ${(error as Error).message}`)
    }
  }

  close(): void {
    // Nothing is held open.
  }
}

function isUnfinished(name: string): boolean {
  return name.endsWith(UNFINISHED) && isBackupName(name.slice(0, -UNFINISHED.length))
}
