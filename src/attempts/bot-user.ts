/**
 * Bots as a user of their own (`BOT_USER`). What they are given to write belongs to that user's group, so it takes nobody who
 * may give files away; what they are not given is the server's alone. Who may become that user is the launcher's shell.
 */
import { execFile } from 'node:child_process'
import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../lib/errors.ts'
import { giveFolder } from './given-folder.ts'
import type { Launch, Launcher } from './launcher.ts'

/** Where the program is that changes the user; of util-linux, as is `setsid`. */
const SETPRIV = '/usr/bin/setpriv'

/** What the environment of a bot goes by until its user has been changed: no loader and no shell heeds such names. */
const COVER = 'BOTYARD_OF_BOT_'

/** What is opened to bots in DATA_DIR: whoever knows the way to what he was given may go it. */
const PASSAGES = ['workspaces', 'results']

/** How the shell that becomes a bot calls itself when the folder or the program is no good. */
export const STARTER = 'botyard'

export interface BotUser {
  name: string
  uid: number
  gid: number
  home: string
}

/** @throws StartError when there is no such user, or bots may not be him. */
export async function findBotUser(name: string): Promise<BotUser> {
  const line = await promisify(execFile)('getent', ['passwd', name]).then(
    ({ stdout }) => stdout.trimEnd(),
    () => null
  )
  const [found, , uid, gid, , home] = line?.split(':') ?? []
  if (found !== name)
    throw new StartError(`BOT_USER is ${name}: this machine has no such user. Make one: useradd --system ${name}`)
  const user = { name, uid: Number(uid), gid: Number(gid), home: home || '/' }
  if (user.uid === 0 || user.gid === 0)
    throw new StartError(`BOT_USER is ${name}: that is root, or of root's group. Name a user who may do less.`)
  if (user.uid === process.getuid!())
    throw new StartError(`BOT_USER is ${name}: that is the server's own user. Name another, or leave it away.`)
  if (user.gid === process.getgid!())
    throw new StartError(`BOT_USER is ${name}: his group is the server's own. Give him one of his own.`)
  return user
}

/**
 * Closes the data folder to everybody, apart from the ways to what a bot is given, and tries whether the launcher can become
 * the user and how far he comes. Everything that the server makes from now on is its own.
 * @throws StartError when bots could not run, or could read what is not for them.
 */
export async function letBotsBe(user: BotUser, dataDir: string, launcher: Launcher): Promise<void> {
  process.umask(0o077)
  try {
    closeDataDir(dataDir)
  } catch (error) {
    throw new StartError(`The data folder ${dataDir} cannot be closed to bots: ${(error as Error).message}`)
  }
  const groups = [process.getgid!(), ...process.getgroups!()]
  if (process.getuid!() !== 0 && !groups.includes(user.gid))
    throw new StartError(
      `BOT_USER is ${user.name}: the server's user must be in his group to see what bots leave. Add him (usermod -aG), or see docs/bot-user.md.`
    )
  // The environment of the server is not for bots, and neither is a file that it comes from.
  const environment = resolve('.env')
  const script = 'cd "$1" || exit 8; [ ! -r "$2" ] || exit 9'
  const answer = await launcher.ask(user, ['/bin/sh', '-c', script, '-', join(dataDir, PASSAGES[0]!), environment])
  if (answer?.code === 8)
    throw new StartError(
      `BOT_USER is ${user.name}: he cannot come to ${dataDir}. Let everybody pass (chmod o+x) through the folders above it, or set DATA_DIR to another.`
    )
  if (answer?.code === 9)
    throw new StartError(`BOT_USER is ${user.name}: he can read ${environment}. Close it to others: chmod 600.`)
  if (answer?.code !== 0)
    throw new StartError(
      `BOT_USER is ${user.name}: the server may not start anything as him${answer?.lines[0] ? ` (${answer.lines[0]})` : ''}. Start it as root, or by deploy/start.sh with the rights that docs/bot-user.md names.`
    )
}

/** The words before a program that make it run as a user, with no rights and no way to any. */
export function becoming({ uid, gid }: Pick<BotUser, 'uid' | 'gid'>): string[] {
  const ids = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups']
  return [SETPRIV, ...ids, '--no-new-privs', '--inh-caps=-all', '--']
}

/** The same for what the server's user is to run without rights that were lent to it. */
export const WITHOUT_RIGHTS = `${SETPRIV} --inh-caps=-all --`
export const WITHOUT_KILL = `${SETPRIV} --inh-caps=-kill --`

/**
 * A launch whose bot runs as a user of its own. Its environment does not count before that: it may tell programs to load what the bot wrote. Nor
 * is its folder entered before, where that user may not be.
 */
export function asUser(launch: Launch, user: BotUser): Launch {
  const names = Object.keys(launch.env)
  const uncover = names.map(name => `export ${name}="$${COVER}${name}"; unset ${COVER}${name}; `).join('')
  // Where a folder in PATH is not for him, `exec` says that of a program that is nowhere as well.
  const find =
    'case $1 in */*) ;; *) command -v -- "$1" >/dev/null || { echo "$0: 1: $1: not found in PATH"; exit 127; };; esac'
  const start = `${uncover}cd -- "$1" || exit 126; unset OLDPWD; shift; ${find}; exec "$@"`
  // So `> /dev/stderr` opens it again. A terminal is to be read as well, and is nobody else's.
  const open = launch.terminal
    ? `/usr/bin/chgrp ${user.gid} /proc/self/fd/0; /usr/bin/chmod 660 /proc/self/fd/0`
    : '/usr/bin/chmod 222 /proc/self/fd/1'
  return {
    ...launch,
    argv: [
      ...['/bin/sh', '-c', `${open}; umask 007; exec "$@"`, STARTER],
      ...becoming(user),
      ...['/bin/sh', '-c', start, STARTER, launch.cwd, ...launch.argv]
    ],
    env: Object.fromEntries(Object.entries(launch.env).map(([name, value]) => [COVER + name, value])),
    cwd: '/'
  }
}

/** Makes the folder that a bot works in, step by step beneath `workspaces`, none of them a link that a bot has put there. */
export function makeWorkspace(dataDir: string, names: string[], user: BotUser): void {
  closeSync(giveFolder(join(dataDir, 'workspaces'), names, user.gid))
}

function closeDataDir(dataDir: string): void {
  for (const name of PASSAGES) if (!existsSync(join(dataDir, name))) mkdirSync(join(dataDir, name))
  for (const name of readdirSync(dataDir)) {
    const stat = lstatSync(join(dataDir, name))
    const wanted = PASSAGES.includes(name) ? 0o711 : stat.mode & 0o700
    if (!stat.isSymbolicLink() && (stat.mode & 0o777) !== wanted) chmodSync(join(dataDir, name), wanted)
  }
  chmodSync(dataDir, 0o711)
}
