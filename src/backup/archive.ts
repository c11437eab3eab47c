/**
 * What a backup is: a tar archive (pax), compressed by zstd, and encrypted by age where there is a passphrase, so that the tools
 * of any machine open it. Its first entry says what it is, its last holds the checksums of all others, as `sha256sum` writes
 * them: one that has no last entry, or another, is not whole.
 */

import { KEY_FILES } from '../keys/secret-key.ts'
import { isId } from '../lib/ids.ts'

export const FORMAT = 1

export const DESCRIPTION = 'botyard-backup.json'
export const DATABASE = 'botyard.db'
export const CHECKSUMS = 'SHA256SUMS'

/** The first entry, as JSON. */
export interface Description {
  format: typeof FORMAT
  /** The version that made it. */
  botyard: string
  /** Milliseconds since 1970, UTC. */
  createdAt: number
  /** The names of those that the database has seen, oldest first. */
  migrations: string[]
  executions: number
  key: {
    /** `included`: it is in here. `environment`: it was set there. `left_out`: it is kept in the data folder, and was not to be given out. */
    where: 'included' | 'environment' | 'left_out'
    /** By what it is told from others; null while there is none. */
    name: string | null
  }
}

/** What an attempt's folder has that is worth keeping. What names processes, holds secrets or is a draft is not. */
const ATTEMPT_FILE = /^(log|log\.zst|index|usage|launch\.json|payload|started|unstarted|exit\.\d{1,3}|closed\.\d{1,3})$/
export const isAttemptFile = (name: string): boolean => ATTEMPT_FILE.test(name)

/** Longer ones Linux takes nowhere. */
const MAX_PATH_BYTES = 4096

/** Whether something of this name may be in a backup: whatever else is there, nobody has put it in who means well. */
export function isEntryName(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_PATH_BYTES || name.includes('\0')) return false
  if ([DESCRIPTION, DATABASE, CHECKSUMS, ...KEY_FILES].includes(name)) return true
  const [top, id, first, ...rest] = name.split('/')
  if (!(top === 'attempts' || top === 'results') || !isId(id ?? '') || first === undefined) return false
  if (first !== 'artifacts')
    return rest.length === 0 && (top === 'attempts' ? isAttemptFile(first) : first === 'payload')
  return rest.length > 0 && rest.every(part => part !== '' && part !== '.' && part !== '..')
}

/** A line of `SHA256SUMS`, as GNU's sha256sum writes and reads it: a name with a line break or a backslash is escaped, and said to be. */
export function checksumLine(sha256: string, name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`
}

const NAME = /^botyard-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar\.zst(\.age)?$/

/** Whether a file in a folder of backups is one of ours and whole: it gets this name last. Names sort by time. */
export const isBackupName = (name: string): boolean => NAME.test(name)

export function backupName(createdAt: number, encrypted: boolean): string {
  const time = new Date(createdAt)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  return `botyard-${time}.tar.zst${encrypted ? '.age' : ''}`
}

/** Of these names those that are backups beyond the newest `keep`. Pure. */
export function beyond(names: string[], keep: number): string[] {
  return names.filter(isBackupName).sort().reverse().slice(keep)
}
