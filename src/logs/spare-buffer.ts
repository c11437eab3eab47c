export const SPARE_BYTES = 256 * 1024

/** One is kept, as memory for reading is used a thousand times a second by a flood, and for a moment each time. */
let spare: Buffer | null = null

/** Memory of {@link SPARE_BYTES} with anything in it. Whoever takes it gives it back when he has done with it. */
export function takeBuffer(): Buffer {
  const buffer = spare ?? Buffer.allocUnsafeSlow(SPARE_BYTES)
  spare = null
  return buffer
}

export function giveBack(buffer: Buffer): void {
  spare = buffer
}
