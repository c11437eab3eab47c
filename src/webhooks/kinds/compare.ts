import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { HmacSettings } from '../webhook.ts'

/** A header may hold several signatures; nobody sends more than a few. */
const MAX_SIGNATURES = 16

/** Whether two texts are the same, in a time that tells nothing of either: not even how long the right one is. */
export function isSame(given: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', right, 'buffer'))
}

/** Whether any of the given texts is one of the right ones. All are compared, whichever it is. */
export function isAny(given: string[], right: string[]): boolean {
  let found = false
  for (const one of given.slice(0, MAX_SIGNATURES)) {
    for (const other of right) found = isSame(one, other) || found
  }
  return found
}

/** The HMAC of some pieces, one behind the other, as text. Base64 has no padding: some senders leave it out. */
export function hmacOf(
  { algorithm, encoding }: Pick<HmacSettings, 'algorithm' | 'encoding'>,
  key: string | Buffer,
  pieces: (string | Buffer)[]
): string {
  const hmac = createHmac(algorithm, key)
  for (const piece of pieces) hmac.update(piece)
  return plain(hmac.digest(encoding), encoding)
}

/** A signature as {@link hmacOf} writes it: hex in lower case, base64 without padding. */
export function plain(signature: string, encoding: HmacSettings['encoding']): string {
  return encoding === 'hex' ? signature.toLowerCase() : signature.replace(/={1,2}$/, '')
}
