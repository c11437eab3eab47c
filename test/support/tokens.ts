import { createHmac } from 'node:crypto'
import { deriveKey, findSecretKeys } from '../../src/keys/secret-key.ts'
import type { TestApp } from './app.ts'

export interface Claims {
  [name: string]: unknown
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What a token says, unchecked. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
}

export function accessKeyOf(app: TestApp): Buffer {
  return deriveKey(findSecretKeys(app.config).current, 'access tokens')
}

/** A JSON Web Token made by hand, so that it can be wrong in any way. */
export function sign(claims: Claims, key: Buffer | string, header: Claims = {}, hash = 'sha256'): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}
