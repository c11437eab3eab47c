import type { HmacSettings, Verification } from '../webhook.ts'
import { hmacOf, isAny, plain } from './compare.ts'
import { keyIn } from './key.ts'
import { type Kind, refused, timeProblem } from './kind.ts'
import { lengthProblem } from './secret-length.ts'

/** Any other sender that signs with an HMAC, as its documentation says: Slack, Stripe, Shopify, Linear and many more. */
export const hmac: Kind = {
  secretProblem: lengthProblem,

  verify({ headers, body }, secrets, now, settings) {
    const { header, prefix, encoding, signed, timestampHeader, timestampPrefix, deliveryHeader } = hmacIn(settings)
    if (headers[header] === undefined) return refused(`The header ${header} is missing.`)
    const given = listed(headers[header], prefix).map(signature => plain(signature, encoding))
    if (given.length === 0) return refused(`Nothing in the header ${header} begins with ${prefix}.`)

    const timestamp = timestampHeader && listed(headers[timestampHeader] ?? '', timestampPrefix)[0]
    if (timestampHeader && !timestamp) return refused(`The header ${timestampHeader} says no time.`)
    const pieces = piecesOf(signed, body, timestamp ?? '')
    const right = secrets.map(secret => hmacOf(hmacIn(settings), secret, pieces))
    if (!isAny(given, right)) {
      return refused(
        'The signature is wrong: another secret, a body that was changed on the way, or the settings are not as the sender signs.'
      )
    }
    const late = timestampHeader ? timeProblem(timestampHeader, timestamp!, now) : null
    return late ?? { ok: true, key: deliveryHeader && keyIn(headers, [deliveryHeader]) }
  },

  secretHeaders: settings => [hmacIn(settings).header]
}

/** They are all there in settings of this kind. */
const hmacIn = (settings: Verification) => settings as Verification & HmacSettings

/** Of a list separated by commas what begins with the prefix, without it. */
function listed(header: string, prefix: string): string[] {
  return header
    .split(',')
    .map(one => one.trim())
    .filter(one => one.startsWith(prefix) && one.length > prefix.length)
    .map(one => one.slice(prefix.length))
}

/** What is signed; the body stays bytes. */
function piecesOf(signed: string, body: Buffer, timestamp: string): (string | Buffer)[] {
  const [before, after] = signed.split('{body}')
  const fill = (text: string) => text.replaceAll('{timestamp}', () => timestamp)
  return [fill(before!), body, fill(after!)]
}
