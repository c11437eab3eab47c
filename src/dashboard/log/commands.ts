/** What a line is to whoever reads the log. */
export type LineKind = 'text' | 'group' | 'error' | 'warning' | 'notice' | 'aside'

export interface Command {
  kind: LineKind
  text: string
  /** The file it is about: `src/main.c:12`. */
  place: string | null
}

const COMMAND = /^\s*::(group|endgroup|error|warning|notice|add-mask)(?: (.*?))?::(.*)$/

/** Reads a workflow command of GitHub Actions; null for any other line. What is to be masked is not given back. */
export function commandIn(text: string): Command | null {
  if (!text.includes('::')) return null
  const match = COMMAND.exec(text)
  if (!match) return null
  const [, name, properties, message] = match
  if (name === 'endgroup') return { kind: 'aside', text: '', place: null }
  if (name === 'add-mask') return { kind: 'aside', text: '::add-mask::***', place: null }
  const values = new Map(
    (properties ?? '').split(',').map(property => property.split('=', 2) as [string, string | undefined])
  )
  const file = values.get('file')
  const line = values.get('line')
  const title = values.get('title')
  return {
    kind: name as LineKind,
    text: unescaped(title ? `${title}: ${message}` : message!),
    place: file ? unescaped(line ? `${file}:${line}` : file) : null
  }
}

/** Line breaks are written as %0A there; a row has but one line. */
function unescaped(text: string): string {
  const characters: Record<string, string> = { '%25': '%', '%0D': '', '%0A': ' ↵ ', '%3A': ':', '%2C': ',' }
  return text.replace(/%(25|0D|0A|3A|2C)/gi, code => characters[code.toUpperCase()]!)
}
