/** What is kept of a request's headers and query: all names, and all values but those that somebody could act with. */
import type { IncomingHttpHeaders } from 'node:http'

const REMOVED = '[removed]'

/** Names that speak of a secret; the headers of well-known senders that hold one are among them. */
const SPEAKS_OF_SECRET = /auth|cookie|passw|secret|signature|token|api-?key|credential|session/i

/** Each header once, names in lower case, as the rules see them. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]))
}

export function withoutSecrets(values: Record<string, string>, names: string[] = []): Record<string, string> {
  const isSecret = (name: string) => names.includes(name) || SPEAKS_OF_SECRET.test(name)
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isSecret(name) ? REMOVED : value]))
}
