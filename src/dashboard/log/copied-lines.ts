import { plainText } from './ansi.ts'
import { commandIn } from './commands.ts'
import type { LineRange } from './line-range.ts'
import type { ReadPage } from './log-page.ts'

/** More is a file's work: the log can be downloaded. */
export const MAX_COPIED_LINES = 5000

const PAGE_LINES = 1000

/** Reads lines as text to be pasted elsewhere: without colours, and without what is to be masked. */
export async function readLines(
  { first, last }: LineRange,
  read: ReadPage,
  signal: AbortSignal
): Promise<{ text: string; count: number; cut: boolean }> {
  const lines: string[] = []
  let cut = false
  for (let fromLine = first; fromLine <= last; ) {
    const { items } = await read({ fromLine, lines: Math.min(PAGE_LINES, last - fromLine + 1) }, signal)
    if (items.length === 0) break
    for (const item of items) {
      const text = plainText(item.text)
      const command = commandIn(text)
      lines.push(command?.kind === 'aside' ? command.text || text : text)
      cut ||= item.truncated
    }
    fromLine = items.at(-1)!.line + 1
  }
  return { text: lines.join('\n'), count: lines.length, cut }
}
