/** Folders that are the server's and that bots may write in, by their group. */
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { pathIn } from '../lib/regular-file.ts'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants

const GIVEN = 0o770

/**
 * Makes folder in folder beneath `base` and gives each to a group; answers a descriptor of the last. Each is made and opened in
 * the one before it, and none may be a symbolic link: a bot may be at work in all of them.
 * @throws as mkdir and open do.
 */
export function giveFolder(base: string, names: string[], group: number): number {
  let fd = openSync(base, O_RDONLY | O_DIRECTORY)
  for (const name of names) {
    const parent = fd
    try {
      makeFolder(pathIn(parent, name))
      fd = openSync(pathIn(parent, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } finally {
      closeSync(parent)
    }
    give(fd, group, GIVEN)
  }
  return fd
}

/** Gives what is open to a group, unless it is somebody else's: then a bot has made it, and it is his. */
export function give(fd: number, group: number, mode: number): void {
  const stat = fstatSync(fd)
  if (stat.uid !== process.getuid!()) return
  if (stat.gid !== group) fchownSync(fd, stat.uid, group)
  if ((stat.mode & 0o777) !== mode) fchmodSync(fd, mode)
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
