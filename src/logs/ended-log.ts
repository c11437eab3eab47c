import type { ReadableLog } from './log.ts'
import { chunkFrame, type LogFile } from './log-file.ts'

/** The log of an attempt that has ended: all of it is published and nothing comes. `file` is null when none was written. */
export class EndedLog implements ReadableLog {
  readonly attempt: number
  readonly published: number
  readonly ended = true
  readonly #file: LogFile | null

  constructor(attempt: number, file: LogFile | null, size: number) {
    this.attempt = attempt
    this.#file = file
    this.published = size
  }

  async read(from: number): Promise<{ end: number; frame: Buffer }> {
    const chunk = await this.#file!.read(from, this.published)
    return { end: chunk.end, frame: chunkFrame(this.attempt, { ...chunk, at: null }) }
  }

  async snap(offset: number): Promise<number> {
    if (offset >= this.published) return this.published
    return this.#file!.snap(offset)
  }

  follow(): () => void {
    return () => void this.#file?.close()
  }
}
