import { github } from './kinds/github.ts'
import { gitlab } from './kinds/gitlab.ts'
import { hmac } from './kinds/hmac.ts'
import type { Kind, Verified } from './kinds/kind.ts'
import { none } from './kinds/none.ts'
import { standard } from './kinds/standard.ts'
import type { Incoming, Verification, VerificationKind } from './webhook.ts'

export type { Verified } from './kinds/kind.ts'

const kinds: Record<VerificationKind, Kind> = { github, standard, gitlab, hmac, none }

/** Each costs an HMAC over the whole body. */
const MAX_SECRETS = 5

/** Several secrets, of which any will do, stand in one text: separated by blanks or line breaks. */
export const secretsIn = (text: string): string[] => text.split(/\s+/).filter(Boolean)

/** Whether a delivery comes from who has the secret of its trigger. `secret` is null for a trigger that has none. */
export function verify(settings: Verification, incoming: Incoming, secret: string | null, now: number): Verified {
  return kinds[settings.verification].verify(incoming, secretsIn(secret ?? ''), now, settings)
}

/** What is wrong with the text that holds a trigger's secrets, in words that do not repeat it; null when it can be used. */
export function secretProblem(verification: VerificationKind, text: string): string | null {
  const secrets = secretsIn(text)
  if (secrets.length === 0) return 'must not be empty'
  if (secrets.length > MAX_SECRETS)
    return `has ${secrets.length} secrets; at most ${MAX_SECRETS} can be right at a time`
  const problems = secrets.map(secret => kinds[verification].secretProblem(secret))
  const first = problems.findIndex(problem => problem !== null)
  if (first === -1) return null
  return secrets.length === 1 ? problems[first]! : `${problems[first]} (number ${first + 1} of ${secrets.length})`
}

/** Whether a delivery only tries that we are there. */
export function isPing({ verification }: Verification, headers: Incoming['headers']): boolean {
  return kinds[verification].isPing?.(headers) ?? false
}

/** Headers of the trigger's kind that must not be kept. */
export function secretHeaders(settings: Verification): string[] {
  return kinds[settings.verification].secretHeaders(settings)
}
