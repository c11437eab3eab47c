/** Opening what a bot was given to write: it may have made anything of it, and of its folders, also while we look. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants

/** Nothing there, something else there, or not for us: whichever, there is no such file to read. */
const NOT_THERE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG', 'EACCES'])

/**
 * A descriptor to read a regular file by. Null when there is none: a symbolic link is not followed, and nobody waits for
 * the other end of a FIFO.
 */
export function openRegularFile(path: string): number | null {
  const fd = open(path, O_NONBLOCK | O_NOCTTY)
  if (fd === null || fstatSync(fd).isFile()) return fd
  closeSync(fd)
  return null
}

/**
 * The same for a file in `folder`, by the names that lead to it: none of them may be a symbolic link, either. Each is
 * opened in the one before it, so that nobody can put a link into the way after it was looked at.
 */
export function openFileBeneath(folder: string, names: string[]): number | null {
  const parent = openFolderBeneath(folder, names.slice(0, -1))
  if (parent === null) return null
  try {
    return openRegularFile(pathIn(parent, names.at(-1)!))
  } finally {
    closeSync(parent)
  }
}

/** A descriptor of a folder in `folder`, or of `folder` itself when no names lead on. Null when there is none. */
export function openFolderBeneath(folder: string, names: string[]): number | null {
  let fd = open(folder, O_DIRECTORY)
  for (const name of names) {
    if (fd === null) return null
    const parent: number = fd
    try {
      fd = open(pathIn(parent, name), O_DIRECTORY)
    } finally {
      closeSync(parent)
    }
  }
  return fd
}

/** The way to `name` in an open folder, wherever that folder is moved to meanwhile. */
export function pathIn(fd: number, name: string): string {
  return `/proc/self/fd/${fd}/${name}`
}

function open(path: string, flags: number): number | null {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | flags)
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code)) return null
    throw error
  }
}
