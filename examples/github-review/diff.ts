/** What a unified diff says. */

export interface Finding {
  file: string
  /** In the file as it will be. */
  line: number
  what: string
}

const UNWANTED: [RegExp, string][] = [
  [/^(<{7}|={7}|>{7})( |$)/, 'a conflict that was not resolved'],
  [/\b(debugger|console\.debug|binding\.pry|breakpoint\(\))/, 'left from debugging'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{30}|\bAKIA[0-9A-Z]{16}\b/, 'looks like a key'],
  [/\b(it|test|describe)\.only\(/, 'lets no other test run']
]

export function summary(diff: string): { files: string[]; added: number; removed: number } {
  const lines = diff.split('\n')
  const files = lines.flatMap(line => /^\+\+\+ (?:b\/)?(.+)$/.exec(line)?.[1] ?? [])
  return {
    files: files.filter(file => file !== '/dev/null'),
    added: lines.filter(line => /^\+(?!\+\+ )/.test(line)).length,
    removed: lines.filter(line => /^-(?!-- )/.test(line)).length
  }
}

/** Lines it adds that nobody wants to have merged. */
export function findings(diff: string): Finding[] {
  const found: Finding[] = []
  let file = ''
  let line = 0
  for (const text of diff.split('\n')) {
    const name = /^\+\+\+ (?:b\/)?(.+)$/.exec(text)
    const hunk = /^@@ -\S+ \+(\d+)/.exec(text)
    if (name) file = name[1]!
    else if (hunk) line = Number(hunk[1])
    else if (text.startsWith('+')) {
      for (const [pattern, what] of UNWANTED) if (pattern.test(text.slice(1))) found.push({ file, line, what })
      line++
    } else if (text.startsWith(' ')) line++
  }
  return found
}
