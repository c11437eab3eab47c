import { createHmac } from 'node:crypto'
import type { HmacSettings, Incoming, Verification, VerificationKind } from '../../src/webhooks/webhook.ts'

export const SECRET = 'a-secret-of-many-characters'

const NO_HMAC = {
  header: null,
  algorithm: null,
  prefix: null,
  encoding: null,
  signed: null,
  timestampHeader: null,
  timestampPrefix: null,
  deliveryHeader: null
}

export const HMAC: HmacSettings = {
  header: 'x-signature',
  algorithm: 'sha256',
  prefix: '',
  encoding: 'hex',
  signed: '{body}',
  timestampHeader: null,
  timestampPrefix: '',
  deliveryHeader: null
}

/** How a trigger of this kind verifies. */
export function verificationBy(verification: VerificationKind, hmac: Partial<HmacSettings> = {}): Verification {
  return { verification, ...(verification === 'hmac' ? { ...HMAC, ...hmac } : NO_HMAC) }
}

export const incoming = (headers: Record<string, string>, body: string | Buffer = ''): Incoming => ({
  headers,
  body: Buffer.from(body as string)
})

export const hex = (secret: string, signed: string | Buffer, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(signed).digest('hex')

/** The headers GitHub sends with a body. */
export function githubHeaders(secret: string, body: string | Buffer, event = 'push', delivery = crypto.randomUUID()) {
  return {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': delivery as string,
    'x-hub-signature-256': `sha256=${hex(secret, body)}`
  }
}
