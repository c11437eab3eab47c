const LINES = 12
const CHARACTERS = 800

/** The beginning of a long text, and how much more there is. */
export function shortened(text: string): string {
  const lines = text.split('\n')
  const shown = lines.slice(0, LINES).join('\n').slice(0, CHARACTERS)
  if (shown.length === text.length) return text
  const left = text.length - shown.length
  return `${shown}\n… and ${left} more ${left === 1 ? 'character' : 'characters'}`
}
