import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { Address, addressProblems } from './address.ts'
import { channelKind, post } from './kind.ts'

/** As the specification wants it: 24 to 64 bytes. */
const SECRET = /^(whsec_)?[A-Za-z0-9+/]{32,88}={0,2}$/

/** A program of the user's, that can tell by a signature who sends: https://www.standardwebhooks.com, version 1. */
export const webhook = channelKind({
  settings: Type.Object(
    {
      url: Address('Where to, by https:// or http://.'),
      secret: Type.String({
        maxLength: 100,
        description: 'What the signature is made with: 24 to 64 bytes as base64, with or without `whsec_` before it.'
      })
    },
    { additionalProperties: false }
  ),
  secrets: ['secret'],
  leadsTo: [],
  problems({ url, secret }) {
    const bytes = SECRET.test(secret) ? keyOf(secret).length : 0
    return [
      ...addressProblems({ url }),
      ...(bytes >= 24 && bytes <= 64
        ? []
        : [{ path: '/secret', message: 'must be 24 to 64 bytes as base64, such as `openssl rand -base64 32` prints' }])
    ]
  },
  request({ event, at, data }, { url, secret }, { id, now }) {
    const type = event === 'slot_missed' ? 'slot.missed' : event === 'test' ? 'test' : `execution.${event}`
    const body = { type, timestamp: new Date(at).toISOString(), data }
    const timestamp = Math.floor(now / 1000)
    const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${JSON.stringify(body)}`)
    return post(url, body, {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature.digest('base64')}`
    })
  }
})

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
