import { closeSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { openRegularFile } from '../lib/regular-file.ts'

/**
 * Processor time, in milliseconds, of a bot and of all it has started and asked after, as its shell tells in the file
 * `exit.N` when it has ended; null before, and when the disk was full for it.
 */
export function cpuMsIn(folder: string): number | null {
  const exit = readdirSync(folder).find(name => name.startsWith('exit.'))
  const fd = exit === undefined ? null : openRegularFile(join(folder, exit))
  if (fd === null) return null
  const bytes = Buffer.alloc(256)
  try {
    return cpuMsOf(bytes.toString('latin1', 0, readSync(fd, bytes)))
  } finally {
    closeSync(fd)
  }
}

/**
 * Reads what `times`, built into shells, says: a line for the shell itself and one for its children, each user and system time in
 * minutes and seconds. Some shells write the fraction as the bot's language does.
 */
function cpuMsOf(times: string): number | null {
  const [, ...parts] = /\n(\d+)m([\d.,]+)s (\d+)m([\d.,]+)s\n/.exec(times) ?? []
  if (parts.length === 0) return null
  const [minutes, seconds, systemMinutes, systemSeconds] = parts.map(text => Number(text.replace(',', '.')))
  return ((minutes! + systemMinutes!) * 60 + seconds! + systemSeconds!) * 1000
}
