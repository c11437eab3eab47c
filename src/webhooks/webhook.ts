import type { Static } from 'typebox'
import type * as schemas from './schemas.ts'

export const VERIFICATIONS = ['github', 'standard', 'gitlab', 'hmac', 'none'] as const
export type VerificationKind = (typeof VERIFICATIONS)[number]

/** How a sender signs that is none of those known by name. */
export interface HmacSettings {
  /** The header that has the signature, in lower case. */
  header: string
  algorithm: 'sha1' | 'sha256' | 'sha512'
  /** What stands before the signature, such as `sha256=`. Of a list separated by commas, what begins with it counts. */
  prefix: string
  encoding: 'hex' | 'base64' | 'base64url'
  /** What is signed: `{body}`, and `{timestamp}` where the time is signed too. */
  signed: string
  /** The header that says when it was signed, in seconds since 1970; null: the sender does not say. */
  timestampHeader: string | null
  /** What stands before the time, where it is one of a list: `t=`. */
  timestampPrefix: string
  /** The header with the sender's own id of the delivery; null: it sends none. */
  deliveryHeader: string | null
}

/** What a trigger of kind `webhook` is set to; of its secret nothing. */
export type Webhook = Static<typeof schemas.Webhook>

/** How it is found out who sent something. All of {@link HmacSettings} is null unless it is `hmac`. */
export type Verification = Pick<Webhook, 'verification' | keyof HmacSettings>

/** A request as the rules see it: header names in lower case, each with one text. */
export interface Incoming {
  headers: Record<string, string>
  /** As it came, to the byte: that is what is signed. */
  body: Buffer
}
