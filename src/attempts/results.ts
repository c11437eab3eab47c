/**
 * Where a bot leaves its outputs and artifacts. One that is the server's user has them in its attempt's folder; another may not
 * enter that, and has a folder `DATA_DIR/results/<attempt>`, which is closed once it has ended.
 */
import { chmodSync, closeSync, existsSync, lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeNewFile } from '../lib/new-file.ts'
import { pathIn } from '../lib/regular-file.ts'
import type { BotUser } from './bot-user.ts'
import { give, giveFolder } from './given-folder.ts'
import type { Launcher } from './launcher.ts'

export interface Results {
  folder: string
  /**
   * The group of whoever ran the bot: only files of that are its own. Null where the bot was the server's user. By a hard link
   * it can bring along files that it may not read; the server may, and must not for it.
   */
  group: number | null
}

/** Where an attempt's folder for results is, for bots of another user. */
export function resultsFolder(attemptsFolder: string, attemptId: string): string {
  return join(attemptsFolder, '../results', attemptId)
}

export function resultsOf(attemptsFolder: string, attemptId: string): Results {
  const folder = resultsFolder(attemptsFolder, attemptId)
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  return stat ? { folder, group: stat.gid } : { folder: join(attemptsFolder, attemptId), group: null }
}

/** Makes it for a user's group; what is there stays as it is. */
export function makeResults(attemptsFolder: string, attemptId: string, group: number, payload: string | null): Results {
  const folder = resultsFolder(attemptsFolder, attemptId)
  const fd = giveFolder(join(folder, '..'), [attemptId], group)
  try {
    closeSync(giveFolder(folder, ['artifacts'], group))
    makeNewFile(pathIn(fd, 'output'), '', file => give(file, group, 0o660))
    if (payload !== null) makeNewFile(pathIn(fd, 'payload'), payload, file => give(file, group, 0o640))
  } finally {
    closeSync(fd)
  }
  return { folder, group }
}

/** Takes away what a server before this one has made for a bot of another user, and that has not begun. */
export function forgetResults(attemptsFolder: string, attemptId: string): void {
  const folder = resultsFolder(attemptsFolder, attemptId)
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}

/** Has the user of a bot give on to his group what the bot has kept to itself, as far as that takes no more than a minute. */
export async function openResults(
  folder: string,
  user: Pick<BotUser, 'uid' | 'gid'>,
  launcher: Pick<Launcher, 'ask'>
): Promise<void> {
  await launcher.ask(user, ['/usr/bin/chmod', '-R', '--quiet', 'u+rwX,g+rwX', '--', folder], 60)
}

/** Lets nobody but the server in. Never fails. */
export function closeResults({ folder, group }: Results): void {
  try {
    if (group !== null) chmodSync(folder, 0o700)
  } catch {
    // Somebody has removed it.
  }
}
