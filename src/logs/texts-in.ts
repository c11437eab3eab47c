import { read } from 'node:fs'
import { promisify } from 'node:util'
import { Slices } from '../lib/slices.ts'
import { giveBack, takeBuffer } from './spare-buffer.ts'

/** Bytes can be such that at each of them most of a text is compared: so many comparisons stay below a millisecond. */
const STEP_COMPARISONS = 2 ** 20

const readInto = promisify(read)

/**
 * Which of some texts stand in the first `length` bytes of an open file, which is gone through once. None may be empty.
 * @throws Error when the file is shorter, or when it takes longer than `maxMs`.
 */
export async function textsIn(fd: number, length: number, texts: string[], maxMs: number): Promise<Set<string>> {
  const memory = takeBuffer()
  try {
    return await search(fd, length, texts, memory, performance.now() + maxMs)
  } finally {
    giveBack(memory)
  }
}

async function search(
  fd: number,
  length: number,
  texts: string[],
  memory: Buffer,
  deadline: number
): Promise<Set<string>> {
  const found = new Set<string>()
  let wanted = texts.map(text => ({ text, bytes: Buffer.from(text) }))
  // A text may begin in one piece and end in the next.
  const overlap = Math.max(...wanted.map(({ bytes }) => bytes.length)) - 1
  const slices = new Slices()
  let kept = 0
  for (let place = 0; place < length && wanted.length > 0; ) {
    const room = memory.subarray(kept, Math.min(memory.length, kept + length - place))
    const { bytesRead } = await readInto(fd, room, 0, room.length, place)
    if (bytesRead === 0) throw new Error('it was cut short meanwhile')
    place += bytesRead
    const piece = memory.subarray(0, kept + bytesRead)
    slices.begin()
    for (const { text, bytes } of wanted) {
      for (const step of stepsThrough(piece, bytes.length)) {
        if (step.includes(bytes)) {
          found.add(text)
          break
        }
        if (!slices.over) continue
        await slices.pause()
        if (performance.now() > deadline) throw new Error('it took too long')
      }
    }
    wanted = wanted.filter(({ text }) => !found.has(text))
    kept = Math.min(overlap, piece.length)
    piece.copyWithin(0, piece.length - kept)
  }
  return found
}

/** Each place that a text of so many bytes may stand at lies in one of these. */
function* stepsThrough(piece: Buffer, textBytes: number): Generator<Buffer> {
  const places = Math.ceil(STEP_COMPARISONS / textBytes)
  for (let at = 0; at < piece.length; at += places) yield piece.subarray(at, at + places + textBytes - 1)
}
