import { accessSync, closeSync, constants, readSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { openRegularFile } from '../lib/regular-file.ts'
import type { LaunchRecord } from './attempt.ts'
import { STARTER } from './bot-user.ts'
import { SCRIPT } from './terminal.ts'

/** What the shell says that becomes a bot of another user, of its program or its folder. */
const BY_STARTER = new RegExp(`^${STARTER}: (?:line )?\\d+: (?:exec: |cd: )?(.+?)\\r?$`)

/** Why the wrapper could not start a bot, found by looking where it looked. */
export function explainUnstarted({ argv, cwd, path, terminal }: LaunchRecord): string {
  const noFolder = folderProblem(cwd)
  if (noFolder) return noFolder
  if (terminal && !isFile(SCRIPT))
    return `A terminal needs ${SCRIPT}: install it (Debian: bsdutils, Fedora: util-linux-script).`
  const program = argv[0]!
  if (program.includes('/')) {
    const there = statSync(resolve(cwd, program), { throwIfNoEntry: false })
    return there
      ? `The program ${program} could not be run: permission denied.`
      : `The program ${program} does not exist.`
  }
  const found = path.split(delimiter).some(folder => isFile(join(folder, program)))
  return found ? `The program ${program} could not be started.` : `There is no program "${program}" in PATH (${path}).`
}

/** What the log says when the program was found but could not be run; null when it says nothing of that kind. */
export function complaintIn(log: string): string | null {
  const head = Buffer.alloc(1024)
  let length = 0
  try {
    const fd = openRegularFile(log)
    if (fd === null) return null
    length = readSync(fd, head, 0, head.length, 0)
    closeSync(fd)
  } catch {
    return null // a log that cannot be read holds no complaint
  }
  const line = head.toString('utf8', 0, length).split('\n')[0]!
  const complaint =
    /^setsid: failed to execute (.+)$/.exec(line) ??
    /^\S+: \d+: (?:exec: )?\/usr\/bin\/setsid: (.+)$/.exec(line) ??
    // What /bin/sh says of a terminal's program; each shell puts it otherwise.
    /^.*\/attempts\/terminal\.sh: (?:exec: )?(?:line )?\d+: (?:exec: )?(.+)\r$/.exec(line) ??
    BY_STARTER.exec(line)
  return complaint ? `The program could not be run: ${complaint[1]}.` : null
}

function folderProblem(folder: string): string | null {
  try {
    if (!statSync(folder).isDirectory()) return `The working folder ${folder} is not a folder.`
    accessSync(folder, constants.X_OK)
    return null
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return `The working folder ${folder} ${missing ? 'does not exist' : 'cannot be entered'}.`
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
