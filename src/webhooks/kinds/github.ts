import { hmacOf, isAny, plain } from './compare.ts'
import { keyIn } from './key.ts'
import { type Kind, refused } from './kind.ts'
import { lengthProblem } from './secret-length.ts'

const SIGNATURE = 'x-hub-signature-256'
const PREFIX = 'sha256='
const SHA256_HEX = { algorithm: 'sha256', encoding: 'hex' } as const

/** GitHub, and those that do as it does (Gitea, Forgejo): an HMAC over the body. */
export const github: Kind = {
  secretProblem: lengthProblem,

  verify({ headers, body }, secrets) {
    const signature = headers[SIGNATURE]
    if (signature === undefined) {
      return refused(
        'The header X-Hub-Signature-256 is missing. Give the webhook at GitHub the secret of this trigger.'
      )
    }
    if (!signature.startsWith(PREFIX)) return refused('The header X-Hub-Signature-256 does not begin with sha256=.')
    const given = plain(signature.slice(PREFIX.length), 'hex')
    const right = secrets.map(secret => hmacOf(SHA256_HEX, secret, [body]))
    if (!isAny([given], right)) {
      return refused('The signature is wrong: another secret, or a body that was changed on the way.')
    }
    return { ok: true, key: keyIn(headers, ['x-github-delivery', 'x-gitea-delivery', 'x-forgejo-delivery']) }
  },

  isPing: headers => headers['x-github-event'] === 'ping',

  secretHeaders: () => [SIGNATURE, 'x-hub-signature']
}
