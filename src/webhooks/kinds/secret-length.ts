/** Whoever has one signed delivery can try secrets on it as fast as he likes; and a text with a blank would be two of these. */
const MIN_CHARACTERS = 16

export function lengthProblem(secret: string): string | null {
  if (secret.length >= MIN_CHARACTERS) return null
  return (
    `has fewer than ${MIN_CHARACTERS} characters. Make a longer one: openssl rand -hex 32. ` +
    'Blanks and line breaks stand between several secrets, of which any will do.'
  )
}
