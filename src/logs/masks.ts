import { existsSync } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { flushFolder } from '../lib/flush-folder.ts'
import type { Seal } from '../secrets/seal.ts'

/**
 * The file `masks` in an attempt's folder: the values that its log must not show, sealed. It is there from before they can
 * be in the log until the log has ended and is clean, so that whoever takes over knows them, and whoever finds it beside a
 * log that has ended knows that the log is not to be shown yet. An attempt that has no such values has no such file.
 */
export class Masks {
  readonly #folder: string
  readonly #attemptId: string
  readonly #seal: Seal

  constructor(folder: string, attemptId: string, seal: Seal) {
    this.#folder = folder
    this.#attemptId = attemptId
    this.#seal = seal
  }

  get #path(): string {
    return join(this.#folder, 'masks')
  }

  /** Whether there is such a file. */
  areKept(): boolean {
    return existsSync(this.#path)
  }

  /** Those that were kept; none when there is no file. @throws SealError */
  async load(): Promise<string[]> {
    try {
      return JSON.parse(this.#seal.unseal(await readFile(this.#path), this.#attemptId).toString())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /** They are on the disk when it resolves: what stands in the log may be there as soon as it is printed. */
  async keep(values: string[]): Promise<void> {
    const draft = `${this.#path}.new`
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(this.#seal.seal(JSON.stringify(values), this.#attemptId))
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(draft, this.#path)
    await flushFolder(this.#folder)
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}
