import { hmacOf, isAny, plain } from './compare.ts'
import { keyIn } from './key.ts'
import { type Kind, refused, timeProblem } from './kind.ts'
import { lengthProblem } from './secret-length.ts'

const PREFIX = 'whsec_'
const SHA256_BASE64 = { algorithm: 'sha256', encoding: 'base64' } as const
/** Standard Webhooks asks for 24 to 64; some senders' are shorter. */
const MIN_KEY_BYTES = 16

/** Standard Webhooks (standardwebhooks.com): an HMAC over id, time and body, each of which is a header or the body. */
export const standard: Kind = {
  secretProblem(secret) {
    if (!secret.startsWith(PREFIX)) return lengthProblem(secret)
    const encoded = secret.slice(PREFIX.length)
    if (!/^[\w+/-]+={0,2}$/.test(encoded)) return 'is not base64 behind whsec_: copy it whole, as the sender shows it'
    return keyOf(secret).length < MIN_KEY_BYTES ? `has fewer than ${MIN_KEY_BYTES} bytes behind whsec_` : null
  },

  verify({ headers, body }, secrets, now) {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
    if (id === undefined || timestamp === undefined || signatures === undefined) {
      const needed = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
      return refused(`Missing: ${needed.filter(name => headers[name] === undefined).join(', ')}.`)
    }
    // Of versions that are not known (v1a is signed with a key pair) nothing can be said.
    const given = signatures
      .split(' ')
      .filter(one => one.startsWith('v1,'))
      .map(one => plain(one.slice(3), 'base64'))
    const right = secrets.map(secret => hmacOf(SHA256_BASE64, keyOf(secret), [`${id}.${timestamp}.`, body]))
    if (!isAny(given, right)) {
      return refused('No signature v1 is right: another secret, or something was changed on the way.')
    }
    return (
      timeProblem('webhook-timestamp', timestamp, now) ?? {
        ok: true,
        key: keyIn(headers, ['webhook-id'])
      }
    )
  },

  secretHeaders: () => ['webhook-signature']
}

/** What stands behind `whsec_` is base64; any other secret is the key itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret)
}
