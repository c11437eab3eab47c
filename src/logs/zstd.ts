import { promisify } from 'node:util'
import { Turns } from '../lib/turns.ts'
import { FRAME_OVERHEAD } from './seek-table.ts'

/** Decompressing takes a thread that others want for their files, and a megabyte: more readers than this wait. */
const decompressing = new Turns(2)

/** One zstd frame of its own, with a checksum, made off the main thread at the quickest level. */
export function compressFrame(bytes: Uint8Array): Promise<Buffer> {
  const { zstdCompress, constants } = zlib()
  return promisify(zstdCompress)(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
    pledgedSrcSize: bytes.length,
    // All of it at once: each piece takes a way to the other thread and back.
    chunkSize: bytes.length + FRAME_OVERHEAD
  })
}

/** The `length` bytes that a frame holds. @throws Error for a damaged one, and for one of more or fewer. */
export async function decompressFrame(frame: Uint8Array, length: number): Promise<Buffer> {
  const chunkSize = length + 64
  const bytes = await decompressing.take(() =>
    promisify(zlib().zstdDecompress)(frame, { chunkSize, maxOutputLength: chunkSize })
  )
  if (bytes.length !== length) throw new Error(`a frame of ${length} bytes holds ${bytes.length}`)
  return bytes
}

/** Loaded at its first use: half a megabyte that a server without compressed logs does without. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib')
}
