import { MAX_DEPTH, tooDeep } from '../plugins/nesting-limit.ts'

/** A body that cannot be used; the message says why. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** What a body says. `json` is the same as text: for JSON as it was sent, so that large numbers stay what they are. */
export interface Payload {
  value: unknown
  json: string
}

/**
 * Reads a body: JSON, JSON in a form's field `payload` as GitHub can send it, another form as an object of texts, and
 * anything else as one text. Nothing is null. @throws Unreadable
 */
export function readPayload(contentType: string | undefined, body: Buffer): Payload {
  const text = textOf(body)
  if (text === '') return { value: null, json: 'null' }
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  if (type === 'application/json' || type.endsWith('+json')) return fromJson(text)
  if (type !== 'application/x-www-form-urlencoded') return fromValue(text)
  const fields = new URLSearchParams(text)
  const payload = fields.get('payload')
  return payload === null ? fromValue(Object.fromEntries(fields)) : fromJson(payload)
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new Unreadable('The body is not text in UTF-8.')
  }
}

function fromJson(json: string): Payload {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Unreadable(
      `The body is not JSON: ${(error as Error).message.replace(/, (\.\.\.)?".*" is not valid JSON$/s, '')}.`
    )
  }
  return checked({ value, json })
}

function fromValue(value: string | Record<string, string>): Payload {
  return checked({ value, json: JSON.stringify(value) })
}

function checked(payload: Payload): Payload {
  if (tooDeep(payload.value)) throw new Unreadable(`The body is nested more than ${MAX_DEPTH} levels deep.`)
  if (namesPrototype(payload.value)) throw new Unreadable('The body has a field __proto__, which is not taken.')
  return payload
}

/** Whether it has the name by which a careless program could be made to change what all objects have. */
function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype)
}
