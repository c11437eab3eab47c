import type { Filters } from './filters.ts'

export const VERIFICATIONS = ['github', 'standard', 'gitlab', 'hmac', 'none'] as const
export type VerificationKind = (typeof VERIFICATIONS)[number]

export const ALGORITHMS = ['sha1', 'sha256', 'sha512'] as const
export const ENCODINGS = ['hex', 'base64', 'base64url'] as const

/** How a sender signs that is none of those known by name. */
export interface HmacSettings {
  /** The header that has the signature, in lower case. */
  header: string
  algorithm: (typeof ALGORITHMS)[number]
  /** What stands before the signature, such as `sha256=`. Of a list separated by commas, what begins with it counts. */
  prefix: string
  encoding: (typeof ENCODINGS)[number]
  /** What is signed: `{body}`, and `{timestamp}` where the time is signed too. */
  signed: string
  /** The header that says when it was signed, in seconds since 1970; null: the sender does not say. */
  timestampHeader: string | null
  /** What stands before the time, where it is one of a list: `t=`. */
  timestampPrefix: string
  /** The header with the sender's own id of the delivery; null: it sends none. */
  deliveryHeader: string | null
}

/** What a trigger of kind `webhook` is set to; of its secret nothing. All of {@link HmacSettings} is null unless it is `hmac`. */
export type Webhook = { [name in keyof HmacSettings]: HmacSettings[name] | null } & {
  verification: VerificationKind
  filters: Filters
  /** Parameters of the bot, each with the path to its value. */
  map: Record<string, string>
}

/** How it is found out who sent something. */
export type Verification = Omit<Webhook, 'filters' | 'map'>

/** A request as the rules see it: header names in lower case, each with one text. */
export interface Incoming {
  headers: Record<string, string>
  /** As it came, to the byte: that is what is signed. */
  body: Buffer
}
