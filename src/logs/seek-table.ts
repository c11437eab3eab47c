/**
 * The zstd seekable format, version 0.1.0: independent zstd frames, and behind them, in a frame that decoders skip, a table
 * of how long each is. All numbers are little-endian.
 *
 *     0x184D2A5E | bytes that follow | for each frame: compressed bytes, bytes | frames | descriptor (1 byte) | 0x8F92EAB1
 */
const SKIPPABLE_MAGIC = 0x184d2a5e
const SEEKABLE_MAGIC = 0x8f92eab1
const HEADER_BYTES = 8
const ENTRY_BYTES = 8
const FOOTER_BYTES = 9

/** Bytes of the log in each frame but the last: few enough to be decompressed for one page, enough to compress well. */
export const FRAME_BYTES = 1024 * 1024

/** Of what cannot be compressed a frame is this much longer than it; a longer one we have not made. */
export const FRAME_OVERHEAD = FRAME_BYTES / 256 + 1024

/** Those of the longest log that a bot may be let print, and its last line that says so: the table takes 8 MiB. */
const MAX_FRAMES = 2 ** 20 + 1

/** Where the frames of a compressed log lie. */
export interface Frames {
  /** Where each begins in the file, and where the last ends. */
  offsets: number[]
  /** Bytes of the log. */
  size: number
}

/** `lengths` are those of the frames, compressed; `size` is that of the log. */
export function seekTable(lengths: number[], size: number): Buffer {
  const table = Buffer.alloc(tableBytes(lengths.length))
  table.writeUInt32LE(SKIPPABLE_MAGIC, 0)
  table.writeUInt32LE(table.length - HEADER_BYTES, 4)
  for (const [i, length] of lengths.entries()) {
    table.writeUInt32LE(length, HEADER_BYTES + i * ENTRY_BYTES)
    table.writeUInt32LE(Math.min(FRAME_BYTES, size - i * FRAME_BYTES), HEADER_BYTES + i * ENTRY_BYTES + 4)
  }
  table.writeUInt32LE(lengths.length, table.length - FOOTER_BYTES)
  table.writeUInt32LE(SEEKABLE_MAGIC, table.length - 4)
  return table
}

/**
 * Reads the table of a file of `fileBytes` bytes, through a function that gives `length` bytes of it from `offset` on.
 * @throws Error for anything that {@link seekTable} cannot have written.
 */
export function readSeekTable(fileBytes: number, bytes: (offset: number, length: number) => Buffer): Frames {
  const footer = fileBytes < tableBytes(0) ? null : bytes(fileBytes - FOOTER_BYTES, FOOTER_BYTES)
  if (footer?.length !== FOOTER_BYTES || footer[4] !== 0 || footer.readUInt32LE(5) !== SEEKABLE_MAGIC) throw damage()
  const count = footer.readUInt32LE(0)
  const start = count > MAX_FRAMES ? -1 : fileBytes - tableBytes(count)
  const table = start < 0 ? null : bytes(start, tableBytes(count))
  if (table?.length !== tableBytes(count) || table.readUInt32LE(0) !== SKIPPABLE_MAGIC) throw damage()
  const offsets = [0]
  let size = 0
  for (let i = 0; i < count; i++) {
    const compressedBytes = table.readUInt32LE(HEADER_BYTES + i * ENTRY_BYTES)
    const frameBytes = table.readUInt32LE(HEADER_BYTES + i * ENTRY_BYTES + 4)
    const isWhole = frameBytes === FRAME_BYTES || (frameBytes < FRAME_BYTES && i === count - 1)
    // The bot could write this file as well: nobody reserves gigabytes for what it claims.
    if (!isWhole || compressedBytes > FRAME_BYTES + FRAME_OVERHEAD) throw damage()
    offsets.push(offsets[i]! + compressedBytes)
    size += frameBytes
  }
  if (offsets[count] !== start) throw damage()
  return { offsets, size }
}

function tableBytes(frames: number): number {
  return HEADER_BYTES + frames * ENTRY_BYTES + FOOTER_BYTES
}

function damage(): Error {
  return new Error('it is not a log that was compressed here, or it is damaged')
}
