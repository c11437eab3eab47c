import { closeSync, fstatSync, lstatSync, readSync } from 'node:fs'
import { openRegularFile } from '../lib/regular-file.ts'
import { LINE_BREAK } from '../logs/line-breaks.ts'

export const MAX_OUTPUTS = 100
export const MAX_VALUE_BYTES = 16 * 1024
export const MAX_FILE_BYTES = 256 * 1024

const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/
const CARRIAGE_RETURN = 0x0d
const EQUALS = 0x3d

/** What a bot has given out by name. */
export interface Outputs {
  values: Record<string, string>
  /** What was left out and why, in a line for whoever wrote the bot; null when nothing was. */
  complaint: string | null
}

/**
 * Reads the file that BOTYARD_OUTPUT names, which belongs to the bot: it may be anything by now. `group`, where it is known,
 * is whose file it has to be. `redact` overwrites the secrets in its bytes. Never throws.
 */
export function readOutputs(path: string, group: number | null, redact: (bytes: Buffer) => void): Outputs {
  try {
    const file = readBeginning(path, group)
    if (!file) return none(isThere(path) ? 'BOTYARD_OUTPUT is no longer a file that can be read.' : null)
    if (file.bytes.length > 0) redact(file.bytes)
    return parseOutputs(file.bytes, file.isWhole)
  } catch (error) {
    return none(`BOTYARD_OUTPUT could not be read: ${(error as Error).message}.`)
  }
}

/** The outputs in a file, or in the beginning of one: a `name=value` a line, of which the last of a name stands. Pure. */
export function parseOutputs(bytes: Buffer, isWhole: boolean): Outputs {
  const values = new Map<string, string>()
  const leftOut: { line: number; why: string }[] = []
  const lines = linesOf(bytes)
  // Half a line is none, and what was cut off may be the end of a secret.
  if (!isWhole) lines.pop()
  for (const [i, line] of lines.entries()) {
    if (line.length === 0) continue
    const equals = Math.max(line.indexOf(EQUALS), 0)
    const name = line.toString('latin1', 0, equals)
    const value = line.subarray(equals + 1)
    const why = faultOf(name, value, values)
    if (why) leftOut.push({ line: i + 1, why })
    else values.set(name, value.toString('utf8'))
  }
  const complaints = [complaintAbout(leftOut), isWhole ? null : 'Of BOTYARD_OUTPUT only the first 256 KiB were read.']
  return { values: Object.fromEntries(values), complaint: complaints.filter(Boolean).join(' ') || null }
}

function faultOf(name: string, value: Buffer, values: Map<string, string>): string | null {
  if (!NAME.test(name)) return 'it is not name=value'
  if (value.length > MAX_VALUE_BYTES) return `the value of ${name} is over 16 KiB`
  if (values.size >= MAX_OUTPUTS && !values.has(name)) return `there are ${MAX_OUTPUTS} outputs already`
  return null
}

function complaintAbout(leftOut: { line: number; why: string }[]): string | null {
  const [first, ...more] = leftOut
  if (!first) return null
  const others = more.length > 0 ? ` So ${more.length === 1 ? 'was 1 more' : `were ${more.length} more`}.` : ''
  return `Line ${first.line} of BOTYARD_OUTPUT was left out, as ${first.why}.${others}`
}

/** Without their ends, which are LF or CR LF. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start <= bytes.length; ) {
    const lineBreak = bytes.indexOf(LINE_BREAK, start)
    const end = lineBreak < 0 ? bytes.length : lineBreak
    lines.push(bytes.subarray(start, bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end))
    start = end + 1
  }
  return lines
}

/** Null when there is no regular file of that group. */
function readBeginning(path: string, group: number | null): { bytes: Buffer; isWhole: boolean } | null {
  const fd = openRegularFile(path)
  if (fd === null) return null
  try {
    const { size, gid } = fstatSync(fd)
    if (group !== null && gid !== group) return null
    const bytes = Buffer.alloc(Math.min(size, MAX_FILE_BYTES))
    const length = readSync(fd, bytes, 0, bytes.length, 0)
    return { bytes: bytes.subarray(0, length), isWhole: size <= MAX_FILE_BYTES }
  } finally {
    closeSync(fd)
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function none(complaint: string | null): Outputs {
  return { values: {}, complaint }
}
