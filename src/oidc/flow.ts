import { type Seal, SealError } from '../secrets/seal.ts'

/** How long somebody may take to sign in at the provider. */
export const FLOW_MS = 10 * 60_000

/** What a sign-in is recognised by when it comes back from the provider, and what it was for. */
export interface Flow {
  state: string
  nonce: string
  /** Of PKCE. */
  verifier: string
  /** The page to go to. */
  next: string
  /** Who connects the provider to his account, in which session; null: somebody signs in. */
  connect: { userId: string; sessionId: string } | null
}

const CONTEXT = 'oidc flow'

/** As it lies in the browser's cookie: nobody there can read or change it, and it runs out. */
export function sealFlow(seal: Seal, flow: Flow): string {
  return seal.seal(JSON.stringify({ ...flow, until: Date.now() + FLOW_MS }), CONTEXT).toString('base64url')
}

/** Null when there is none, when it has run out, or is not ours. */
export function openFlow(seal: Seal, cookie: string | undefined): Flow | null {
  if (!cookie) return null
  try {
    const { until, ...flow } = JSON.parse(seal.unseal(Buffer.from(cookie, 'base64url'), CONTEXT).toString())
    return until > Date.now() ? flow : null
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}
