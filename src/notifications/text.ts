import { stripVTControlCharacters } from 'node:util'

/** What shows nothing, or turns the rest of a line around: a name could pass for another by it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

/** Text of a bot or about one as something to be read: without colours and what is not to be seen, in one line. */
export function plainLine(text: string): string {
  return stripVTControlCharacters(text.toWellFormed()).replace(/\s+/g, ' ').replace(UNSEEN, '').trim()
}

/** At most `max` UTF-16 units, with a mark where something is left out. No character is cut in two. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** At most `max` bytes as UTF-8, likewise. */
export function cutBytes(text: string, max: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= max) return text
  // The mark takes three.
  return `${bytes
    .subarray(0, max - 3)
    .toString()
    .replace(/\ufffd+$/, '')}…`
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
