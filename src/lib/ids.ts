import { v7 } from 'uuid'

/** A new id: UUIDv7 text, so that ids sort by the time they were made, also within one millisecond. */
export const newId: () => string = () => v7()

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isId(text: string): boolean {
  return UUID.test(text)
}

/** When an id was made, in milliseconds since 1970: the first 48 bits of a UUIDv7. */
export function madeAt(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** The border in time among ids: those made before `at` are less, all others greater. `at` is at least 0 and below 2^48. */
export function firstIdAt(at: number): string {
  const hex = at.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
