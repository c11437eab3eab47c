import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../lib/errors.ts'

/** How often to look whether a bot that was behind has read on. */
const AGAIN_MS = 10

/** A bot that has taken nothing for so long is not reading. */
const PATIENCE_MS = 10_000

/** What may wait for one bot, besides the text that is being written. */
const MAX_WAITING_BYTES = 1024 * 1024

const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants

/** What the FIFO of an attempt belongs to. */
export interface InputOwner {
  /** Where the FIFO is. */
  path: string
  /** Whether the wrapper has begun: from then on the FIFO is there, if the bot has one. */
  hasStarted(): boolean
  hasEnded(): boolean
  /** The bot's FIFO has taken something. */
  onTaken(): void
}

interface Text {
  bytes: Buffer
  taken: number
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Writes to the input of one attempt, text after text, each as fast as the bot reads and never waiting in a system call.
 * The FIFO is open here only while something is written: the bot itself keeps it open, across servers.
 */
export class AttemptInput {
  readonly #owner: InputOwner
  readonly #texts: Text[] = []

  constructor(owner: InputOwner) {
    this.#owner = owner
  }

  /**
   * Resolves when the bot's FIFO has taken all of it. When it fails, so does all that waits behind it: no text shall follow
   * on half of another.
   * @throws AppError `execution_ended`, `no_input`, `input_full`
   */
  write(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    const waiting = this.#texts.slice(1).reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (this.#texts.length > 0 && waiting + bytes.length > MAX_WAITING_BYTES)
      return Promise.reject(new AppError('input_full', `Earlier input waits to be read, so ${NONE_TAKEN}`))
    return new Promise((resolve, reject) => {
      this.#texts.push({ bytes, taken: 0, resolve, reject })
      if (this.#texts.length === 1) void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    let fd: number | null = null
    let movedAt = performance.now()
    try {
      for (let text = this.#texts[0]; text; text = this.#texts[0]) {
        if (this.#owner.hasEnded()) throw new AppError('execution_ended', `The bot has ended; ${takenOf(text)}`)
        fd ??= this.#open()
        const taken: number | null = fd === null ? null : writeSome(fd, text.bytes.subarray(text.taken))
        if (taken === null && fd !== null) {
          closeSync(fd)
          fd = null
        }
        if (taken) {
          text.taken += taken
          movedAt = performance.now()
          this.#owner.onTaken()
          if (text.taken < text.bytes.length) continue
          this.#texts.shift()
          text.resolve()
        } else if (performance.now() - movedAt < PATIENCE_MS) await delay(AGAIN_MS, undefined, { ref: false })
        else if (taken === null) throw new AppError('no_input', `The bot has closed its input; ${takenOf(text)}`)
        else throw new AppError('input_full', `The bot does not read its input; ${takenOf(text)}`)
      }
    } catch (error) {
      const [first, ...behind] = this.#texts.splice(0)
      first?.reject(error)
      const also =
        error instanceof AppError
          ? new AppError(error.code, `Earlier input could not be written, so ${NONE_TAKEN}`)
          : error
      for (const text of behind) text.reject(also)
    } finally {
      if (fd !== null) closeSync(fd)
    }
  }

  /** Null while nobody has it open to read: the bot is about to start or to end, or has closed it. */
  #open(): number | null {
    let fd: number
    try {
      fd = openSync(this.#owner.path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENXIO' || (code === 'ENOENT' && !this.#owner.hasStarted())) return null
      if (code === 'ENOENT' || code === 'ELOOP') throw noInput()
      throw error
    }
    if (fstatSync(fd).isFIFO()) return fd
    closeSync(fd)
    throw noInput()
  }
}

/** How many bytes were taken; 0 when there is no room now, null when nobody reads any more. */
function writeSome(fd: number, bytes: Buffer): number | null {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return 0
    if (code === 'EPIPE') return null
    throw error
  }
}

const NONE_TAKEN = 'no byte of this was taken. Send it again when the bot reads.'

function takenOf({ taken, bytes }: Text): string {
  return `${taken} of ${bytes.length} bytes were taken.`
}

function noInput(): AppError {
  return new AppError(
    'no_input',
    'This bot takes no input. To send it some, set `input` in the bot, or `terminal`, and start it again.'
  )
}
