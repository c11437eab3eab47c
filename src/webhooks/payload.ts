import { withoutQuote } from '../lib/errors.ts'
import { MAX_DEPTH, tooDeep } from '../plugins/nesting-limit.ts'

/**
 * What a body may consist of. Ten megabytes can be a few texts, or millions of values that take seconds to read and a
 * gigabyte to hold; of fields of a form the time grows with the square.
 */
const MAX_VALUES = 100_000
const MAX_FIELDS = 1000

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
  if (hasMore(text, '&', MAX_FIELDS - 1)) throw new Unreadable(`The form has more than ${MAX_FIELDS} fields.`)
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
  if (hasMoreValues(json)) throw new Unreadable(`The body has more than ${MAX_VALUES} values.`)
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Unreadable(`The body is not JSON: ${withoutQuote((error as Error).message)}.`)
  }
  return checked({ value, json })
}

/** Whether there are more than so many of a character in a text. */
function hasMore(text: string, character: string, count: number): boolean {
  let at = -1
  for (let found = 0; found <= count; found++) {
    at = text.indexOf(character, at + 1)
    if (at === -1) return false
  }
  return true
}

/** A value within others stands behind a comma, or is the first behind a bracket or brace. What is in a text does not count. */
function hasMoreValues(json: string): boolean {
  let values = 0
  let inText = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === BACKSLASH && inText) at++
    else if (code === QUOTE) inText = !inText
    else if (!inText && (code === COMMA || (OPENING.has(code) && !CLOSING.has(json.charCodeAt(at + 1))))) values++
    if (values > MAX_VALUES) return true
  }
  return false
}

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c]
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

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
