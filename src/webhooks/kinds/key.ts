import { hash } from 'node:crypto'

const MAX_KEY_CHARACTERS = 200

/** The first of these headers that is there, as the delivery's key; what is longer than anybody's id is kept as its hash. */
export function keyIn(headers: Record<string, string>, names: string[]): string | null {
  const key = names.map(name => headers[name]?.trim()).find(Boolean)
  if (!key) return null
  return key.length <= MAX_KEY_CHARACTERS ? key : hash('sha256', key)
}
