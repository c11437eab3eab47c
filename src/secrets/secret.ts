import type { Static } from 'typebox'
import { SHELL_VARIABLES } from '../attempts/variable-names.ts'
import type { FieldError } from '../lib/errors.ts'
import type * as schemas from './schemas.ts'

/** A value given to bots by its name, as the API shows it: all but the value. */
export type Secret = Static<typeof schemas.Secret>

/** Wherever a value is printed it is covered, and a short one is found in half of all words. */
export const MIN_VALUE_CHARACTERS = 6

/** Half of what Linux takes for one variable, its name included (MAX_ARG_STRLEN: 128 KiB). */
export const MAX_VALUE_BYTES = 65_536

export const MAX_NAME_CHARACTERS = 100

/**
 * Variables that the system, or the shells that start a bot, read or set themselves. A secret of such a name would not
 * reach the bot, would break its launch, or would be printed where nobody expects a secret: PATH stands in messages.
 */
const TAKEN = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'OLDPWD', 'LANG', 'LANGUAGE', 'TZ', 'TERM', 'TMPDIR'],
  ...['IFS', 'ENV', 'PS1', 'PS2', 'PS4', 'OPTARG', 'SHLVL'],
  ...SHELL_VARIABLES
])
const TAKEN_BEGINNING = /^(LD_|LC_|BASH)/

/** What is wrong with a secret's name, in words; null when it can be used. */
export function nameProblem(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > MAX_NAME_CHARACTERS) {
    return `The name must be letters, digits and _, not begin with a digit, and have at most ${MAX_NAME_CHARACTERS} characters`
  }
  if (name.startsWith('BOTYARD_')) return 'The name must not begin with BOTYARD_: those names are taken'
  if (TAKEN.has(name) || TAKEN_BEGINNING.test(name)) {
    return `${name} means something to the system or to shells; choose another name`
  }
  return null
}

/** What is wrong with a secret's value, in words that do not repeat it; null when it can be used. */
export function valueProblem(value: string): string | null {
  if (value.includes('\0')) return 'must not contain a NUL character: no environment variable can'
  if (!value.isWellFormed()) return 'must be whole Unicode text'
  // White space around it is not counted: six blanks are not a secret, and stand in every log.
  if ([...value.trim()].length < MIN_VALUE_CHARACTERS) {
    return (
      `must have at least ${MIN_VALUE_CHARACTERS} characters. ` +
      'It is hidden wherever a bot prints it, and a shorter one would hide half of every log.'
    )
  }
  const bytes = new TextEncoder().encode(value).length
  if (bytes > MAX_VALUE_BYTES) return `must have at most ${MAX_VALUE_BYTES} bytes: it has ${bytes}`
  return null
}

/** The rules for a secret that is to be kept; empty when it may be. */
export function secretProblems(name: string, value: string): FieldError[] {
  const problems = [
    { path: '/name', message: nameProblem(name) },
    { path: '/value', message: valueProblem(value) }
  ]
  return problems.filter((problem): problem is FieldError => problem.message !== null)
}
