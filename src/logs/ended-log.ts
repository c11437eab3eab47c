import type { LineIndex } from './line-index.ts'
import type { ReadableLog } from './log.ts'
import { chunkFrame, type LogFile } from './log-file.ts'
import { LogLines } from './log-lines.ts'

/** The log of an attempt that has ended: all of it is published and nothing comes. `file` is null when none was written. */
export class EndedLog implements ReadableLog {
  readonly attempt: number
  readonly published: number
  readonly ended = true
  readonly #file: LogFile | null
  readonly #index: LineIndex

  constructor(attempt: number, file: LogFile | null, size: number, index: LineIndex) {
    this.attempt = attempt
    this.published = size
    this.#file = file
    this.#index = index
  }

  async read(from: number): Promise<{ end: number; frame: Buffer }> {
    // Its times, if they are written down; it is not counted through for them.
    await this.#index.load(this.published, this.#file!)
    const at = await this.#index.timeOf(from)
    const chunk = await this.#file!.read(from, this.published)
    return { end: chunk.end, frame: chunkFrame(this.attempt, { ...chunk, at }) }
  }

  async snap(offset: number): Promise<number> {
    if (offset >= this.published) return this.published
    return this.#file!.snap(offset)
  }

  async lines(): Promise<LogLines> {
    if (this.#file) await this.#index.finish(this.published, this.#file)
    return new LogLines(this.#index, this.#file)
  }

  follow(): () => void {
    return () => this.#file?.close()
  }
}
