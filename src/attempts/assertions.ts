import { closeSync, fstatSync } from 'node:fs'
import { matchesGlob } from '../artifacts/glob.ts'
import { walkFiles } from '../artifacts/walk.ts'
import type { Bot } from '../bots/bot.ts'
import { openRegularFile } from '../lib/regular-file.ts'
import { textsIn } from '../logs/texts-in.ts'

/** What success takes besides the exit code 0, frozen when the attempt was launched. */
export type Assertions = Bot['assert']

/** A log of a gigabyte takes some seconds; only one made for the purpose takes this long. */
const MAX_SEARCH_MS = 5 * 60_000

/** More than this nobody makes who wants to find them again. */
const WALK_BOUNDS = { maxEntries: 100_000, maxMs: 60_000 }

/** Failures that are named; who mends these runs it again. */
const MAX_NAMED = 3
const MAX_QUOTED_CHARACTERS = 80

/**
 * What a bot that exited with 0 did not do as it was asked to, for people; null when it did all.
 * @throws Error when that cannot be found out; its message goes after "because".
 */
export async function brokenAssertions(
  asked: Assertions,
  { log, artifacts }: { log: string; artifacts: string }
): Promise<string | null> {
  const printed = await printedOf([...asked.mustPrint, ...asked.mustNotPrint], log)
  const missing = await missingOf(asked.mustCreate, artifacts)
  const broken = [
    ...asked.mustPrint.filter(text => !printed.has(text)).map(text => `did not print ${quote(text)}`),
    ...asked.mustNotPrint.filter(text => printed.has(text)).map(text => `printed ${quote(text)}`),
    ...missing.map(glob => `created no artifact ${quote(glob)}`)
  ]
  if (broken.length === 0) return null
  const more = broken.length > MAX_NAMED ? [`${broken.length - MAX_NAMED} more`] : []
  return `It exited with 0, but ${new Intl.ListFormat('en').format([...broken.slice(0, MAX_NAMED), ...more])}.`
}

async function printedOf(texts: string[], log: string): Promise<Set<string>> {
  if (texts.length === 0) return new Set()
  const fd = openRegularFile(log)
  if (fd === null) throw new Error('its log is not there')
  try {
    return await textsIn(fd, fstatSync(fd).size, texts, MAX_SEARCH_MS)
  } catch (error) {
    throw new Error(`its log could not be searched: ${(error as Error).message}`)
  } finally {
    closeSync(fd)
  }
}

/** Those of the globs that no artifact has the name of. */
async function missingOf(globs: string[], artifacts: string): Promise<string[]> {
  let missing = globs
  if (globs.length === 0) return missing
  const whole = await walkFiles(artifacts, WALK_BOUNDS, ({ name }) => {
    missing = missing.filter(glob => !matchesGlob(glob, name))
    return missing.length === 0
  })
  if (!whole) throw new Error('its artifacts are too many to look through')
  return missing
}

/** In quotes, on one line, and cut where it is long. */
function quote(text: string): string {
  const characters = [...text]
  const cut = characters.length > MAX_QUOTED_CHARACTERS
  return JSON.stringify(cut ? `${characters.slice(0, MAX_QUOTED_CHARACTERS).join('')}…` : text)
}
