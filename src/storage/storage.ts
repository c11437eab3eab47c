import { type Drive, openDrive } from './drive.ts'
import { placeOf, type StorageUrl } from './storage-url.ts'

/** The bucket that the settings name. Its packages are loaded when it is first used: they take time and memory. */
export class Storage {
  /** Where it is, such as `s3://bucket/prefix`. */
  readonly place: string
  readonly #url: StorageUrl
  #drive: Promise<Drive> | null = null

  constructor(url: StorageUrl) {
    this.#url = url
    this.place = placeOf(url)
  }

  drive(): Promise<Drive> {
    this.#drive ??= openDrive(this.#url)
    return this.#drive
  }

  async close(): Promise<void> {
    const drive = await this.#drive
    drive?.close()
  }
}
