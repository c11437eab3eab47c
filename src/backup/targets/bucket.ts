import type { Readable } from 'node:stream'
import { StartError } from '../../lib/errors.ts'
import { type Drive, whyNot } from '../../storage/drive.ts'
import type { Target } from './target.ts'

/** A bucket of backups. An object is there once all of it is: a store keeps the parts of an upload that was broken off to itself. */
export class BucketTarget implements Target {
  readonly #drive: Drive

  constructor(drive: Drive) {
    this.#drive = drive
  }

  describe(name: string): string {
    return `${this.#drive.place}/${name}`
  }

  async check(): Promise<void> {
    await this.names()
  }

  async put(name: string, bytes: Readable): Promise<void> {
    const broken = brokenBy(bytes)
    // What went wrong before it came here is for whoever made it to tell.
    await this.#told('written', () => this.#drive.upload(name, bytes)).catch(error => Promise.reject(broken() ?? error))
  }

  async names(): Promise<string[]> {
    return this.#told('listed', async () => {
      const names: string[] = []
      for await (const { key } of this.#drive.list('botyard-')) names.push(key)
      return names
    })
  }

  async remove(name: string): Promise<void> {
    await this.#told('removed', () => this.#drive.remove(name))
  }

  async read(name: string): Promise<Readable> {
    const bytes = await this.#told('read', () => this.#drive.read(name))
    if (bytes) return bytes
    throw new StartError(`There is no ${this.describe(name)}.`)
  }

  close(): void {
    this.#drive.close()
  }

  async #told<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new StartError(`Backups in ${this.#drive.place} could not be ${what}: ${whyNot(error)}`)
    }
  }
}

/** The error by which a stream ends, if it does. */
function brokenBy(bytes: Readable): () => Error | null {
  let broken: Error | null = null
  bytes.on('error', error => {
    broken = error
  })
  return () => broken
}
