/** What is kept of a request's headers and query: all names, and all values but those that somebody could act with. */

const REMOVED = '[removed]'

/** Names that speak of a secret; the headers of well-known senders that hold one are among them. */
const SPEAKS_OF_SECRET = /auth(?!ors?$)|cookie|passw|secret|signature|token|api-?key|credential|session/i

/** Each name with one text, as the rules see them. */
export function plain(values: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]))
}

export function withoutSecrets(values: Record<string, string>, names: string[] = []): Record<string, string> {
  const isSecret = (name: string) => names.includes(name) || SPEAKS_OF_SECRET.test(name)
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isSecret(name) ? REMOVED : value]))
}
