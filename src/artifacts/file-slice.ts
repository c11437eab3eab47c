import { close, read } from 'node:fs'
import { Readable } from 'node:stream'

const CHUNK_BYTES = 64 * 1024

/**
 * The bytes [from, to) of an open file, which is closed afterwards. When the file turns out to be shorter the stream
 * breaks: who was promised so many bytes would wait for the rest, or take the next answer for it.
 */
export function fileSlice(fd: number, from: number, to: number): Readable {
  let at = from
  let reading: Promise<void> | null = null
  const readOn = (stream: Readable) =>
    new Promise<void>(resolve => {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at))
      read(fd, buffer, 0, buffer.length, at, (error, bytesRead) => {
        resolve()
        at += bytesRead
        if (error) stream.destroy(error)
        else if (bytesRead === 0) stream.destroy(new Error('the file was cut short while it was sent'))
        else stream.push(buffer.subarray(0, bytesRead))
      })
    })
  return new Readable({
    read() {
      if (at < to) reading = readOn(this)
      else this.push(null)
    },
    async destroy(error, done) {
      // Not before: the next file opened would get its number, and the read would be of that.
      await reading
      close(fd, closeError => done(error ?? closeError))
    }
  })
}
