import { closeSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Makes a file for nobody but our user, whole or not at all: it is written under another name first. What is there stays,
 * and is not even opened: it may be anything. False then.
 * @param finish is given it open, before anybody can come to it.
 * @throws as open, write and link do.
 */
export function makeNewFile(path: string, text: string, finish: (fd: number) => void = () => {}): boolean {
  const draft = `${path}.${process.pid}`
  rmSync(draft, { force: true }) // of another process, which had this number and was killed here
  try {
    const fd = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(fd, text)
      finish(fd)
    } finally {
      closeSync(fd)
    }
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
