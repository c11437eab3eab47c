import splitArguments from 'string-argv'
import { scriptAt } from '../../bots/shell.ts'

/** What a new bot that is a shell script begins with; the third argument is the script. */
export const SHELL_SCRIPT = ['/bin/bash', '-c', '']

/** Whether the third argument is a script that a shell is told to run. */
export const isScript = (command: string[]): boolean => scriptAt(command) === 2

/** A line that stands where a program should, and what it seems to be meant as. */
export type Pasted = { kind: 'arguments'; command: string[] } | { kind: 'script'; command: string[] }

/** What somebody may have meant by a program of several words; null when it is one word. */
export function readPasted(text: string): Pasted | null {
  const line = text.trim()
  if (!/\s/.test(line)) return null
  if (usesShell(line)) return { kind: 'script', command: [...SHELL_SCRIPT.slice(0, 2), line] }
  // The spaces in a placeholder are no ends of arguments.
  const command = splitArguments(line.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, '{{$1}}'))
  return command.length > 1 ? { kind: 'arguments', command } : null
}

/** Whether a line means what it says to a shell only: pipes, redirections, variables, several commands. */
function usesShell(line: string): boolean {
  const unquoted = line.replace(/'[^']*'/g, '').replace(/\{\{.*?\}\}/g, '')
  return /[|&;<>`\n\\]|\$[\w({]/.test(unquoted) || /[*?~]/.test(unquoted.replace(/"[^"]*"/g, ''))
}

/** A command as a line for a shell, which reads exactly these arguments from it. */
export function quoted(command: string[]): string {
  return command
    .map(argument => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`))
    .join(' ')
}

/** Names of the parameters that stand inside a text. */
export function parametersIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*parameters\.([A-Za-z0-9_-]+)[A-Za-z0-9_.-]*\s*\}\}/g)].map(m => m[1]!))]
}

/** The environment variable that a parameter would be given in: `issue-number` as `ISSUE_NUMBER`. */
export function variableFor(parameter: string): string {
  const name = parameter.toUpperCase().replace(/[^A-Z0-9_]/g, '_')
  return /^[0-9]/.test(name) ? `_${name}` : name
}

/** A list with one item moved by `step` places; the same list where there is no such place. */
export function moved<T>(items: T[], from: number, step: number): T[] {
  if (from + step < 0 || from + step >= items.length) return items
  const others = items.toSpliced(from, 1)
  return others.toSpliced(from + step, 0, items[from]!)
}

/** The lines that a selection touches, each indented by two spaces, and the offsets between which they stand. */
export function indented(text: string, start: number, end: number): { from: number; to: number; lines: string } {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const stop = text.indexOf('\n', end > start && text[end - 1] === '\n' ? end - 1 : end)
  const to = stop === -1 ? text.length : stop
  return { from, to, lines: text.slice(from, to).replace(/^(?=.)/gm, '  ') }
}
