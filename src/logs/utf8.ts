/** How many bytes a UTF-8 sequence has that begins with `lead`; 1 for what is no lead byte. */
function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2
  if (lead >= 0xe0 && lead <= 0xef) return 3
  if (lead >= 0xf0 && lead <= 0xf4) return 4
  return 1
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

/**
 * The second byte decides whether a sequence can be one at all (Unicode 16, table 3-7): overlong forms, surrogates and
 * code points above U+10FFFF end at once, so that text cut here decodes as the whole would.
 */
function canFollow(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f
  return isContinuation(second)
}

/** The length of `bytes` without a sequence at its end that is not complete but may become so. */
export function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const lead = bytes[bytes.length - back]!
    if (isContinuation(lead)) continue
    if (sequenceLength(lead) <= back) return bytes.length
    const viable = back === 1 || canFollow(lead, bytes[bytes.length - back + 1]!)
    return viable ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/**
 * How far to go back from `index` to stand at the beginning of the sequence that `index` lies within; 0 when it lies in
 * none. `bytes` should reach three bytes to either side where the text does.
 */
export function stepsBackToStart(bytes: Uint8Array, index: number): number {
  for (let back = 1; back <= Math.min(3, index); back++) {
    const lead = bytes[index - back]!
    if (isContinuation(lead)) continue
    const length = sequenceLength(lead)
    if (length <= back || index - back + length > bytes.length) return 0
    for (let i = 1; i < length; i++) {
      const byte = bytes[index - back + i]!
      if (i === 1 ? !canFollow(lead, byte) : !isContinuation(byte)) return 0
    }
    return isContinuation(bytes[index]!) ? back : 0
  }
  return 0
}
