import { Readable } from 'node:stream'
import { type LogFile, MAX_CHUNK_BYTES } from './log-file.ts'

/** The bytes [start, end) of a log, which is closed when they have been read or nobody wants them any more. */
export class LogDownload extends Readable {
  readonly #file: LogFile
  readonly #end: number
  #place: number

  constructor(file: LogFile, start: number, end: number) {
    super({ highWaterMark: MAX_CHUNK_BYTES })
    this.#file = file
    this.#end = end
    this.#place = start
  }

  override _read(): void {
    if (this.#place === this.#end) {
      this.push(null)
      return
    }
    this.#file.bytes(this.#place, Math.min(MAX_CHUNK_BYTES, this.#end - this.#place)).then(
      bytes => {
        this.#place += bytes.length
        // Who was promised so many bytes must not wait for the rest.
        if (bytes.length === 0) this.destroy(new Error('the log was cut short while it was sent'))
        else this.push(bytes)
      },
      error => this.destroy(error)
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#file.close()
    done(error)
  }
}
