import { closeSync, fstatSync, read } from 'node:fs'
import type { LogBytes } from './log-bytes.ts'

/** A log as the bot's relay wrote it, and may still be writing it. */
export class PlainBytes implements LogBytes {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  get size(): number {
    return fstatSync(this.#fd).size
  }

  readInto(buffer: Uint8Array, offset: number): Promise<number> {
    return readAt(this.#fd, buffer, offset)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Fills `buffer` from `offset` of a file on. @returns how much of it: less where the file ends. */
export function readAt(fd: number, buffer: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, offset, (error, bytesRead) => {
      if (error) reject(error)
      else resolve(bytesRead)
    })
  })
}
