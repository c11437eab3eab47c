/** Processes as /proc shows them. A pid alone names nobody: it is used again, so every identity has the start ticks too. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

/** `startTicks`: field 22 of /proc/<pid>/stat, clock ticks from boot to the start of the process. */
export interface ProcessIdentity {
  pid: number
  startTicks: string
}

export interface ProcessStat extends ProcessIdentity {
  state: string
  parent: number
  processGroup: number
  session: number
  /** Its controlling terminal, as a device number; 0 for none. */
  tty: number
}

/** Changes at every boot of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/**
 * One line of /proc/<pid>/stat. The name in it may hold spaces and parentheses, so fields count from the last `)`.
 * Null when the line is not whole.
 */
export function parseStat(line: string): ProcessStat | null {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const pid = Number.parseInt(line, 10)
  const startTicks = fields[19]
  if (!(pid > 0) || !startTicks || fields.length < 21) return null
  const [parent, processGroup, session, tty] = fields.slice(1, 5).map(Number) as [number, number, number, number]
  return { pid, state: fields[0]!, parent, processGroup, session, tty, startTicks }
}

/** True while this very process lives. A zombie is dead: it does nothing more, only nobody has asked after it. */
export function isAlive(identity: ProcessIdentity): boolean {
  return livingStat(identity) !== null
}

/** How this very process stands; null once it is dead. */
export function livingStat(identity: ProcessIdentity): ProcessStat | null {
  const stat = readStat(identity.pid)
  return stat && stat.startTicks === identity.startTicks && stat.state !== 'Z' && stat.state !== 'X' ? stat : null
}

/** In all of /proc a second has 100 ticks, whatever the kernel counts in: `USER_HZ` of the Linux ABI. */
export const TICK_MS = 10

/** How long ago a process of this boot started, in milliseconds; setting the clock does not change it. */
export function runningForMs(identity: ProcessIdentity): number {
  const [uptimeSeconds] = readFileSync('/proc/uptime', 'utf8').split(' ')
  return Number(uptimeSeconds) * 1000 - Number(identity.startTicks) * TICK_MS
}

/** The living processes of a session, without its leader. */
export function sessionMembers(session: number): ProcessStat[] {
  return allProcesses().filter(stat => stat.session === session && stat.pid !== session && stat.state !== 'Z')
}

/**
 * Those of `among` that carry `BOTYARD_ATTEMPT=<attemptId>` in their environment, wherever they have gone since. What is
 * read here is younger than `among`: a process that has taken the number of another since is not the one it names.
 */
export function markedProcesses(attemptId: string, among: ProcessStat[] = allProcesses()): ProcessStat[] {
  const marker = Buffer.from(`\0BOTYARD_ATTEMPT=${attemptId}\0`)
  return among.filter(({ pid }) => {
    try {
      return Buffer.concat([Buffer.from('\0'), readFileSync(`/proc/${pid}/environ`)]).includes(marker)
    } catch (error) {
      rethrowShortage(error)
      return false // gone by now, or not ours to read: then it is not our bot's either
    }
  })
}

/** Those of `among` that are in a control group with this name; the same goes for these. */
export function groupedProcesses(name: string, among: ProcessStat[]): ProcessStat[] {
  return among.filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, 'utf8').split(/[/\n]/).includes(name)
    } catch (error) {
      rethrowShortage(error)
      return false // gone by now
    }
  })
}

/** Whether any process stands in `folder`; the wrapper does until the bot begins. */
export function anyProcessIn(folder: string): boolean {
  const real = realpathSync(folder)
  return allPids().some(pid => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === real
    } catch {
      return false // as above
    }
  })
}

/** Whether a process stands in `folder`. */
export function standsIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder)
  } catch {
    return false // as above
  }
}

/** Sends a signal to one process, if it is still that one. False when we may not. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return !isAlive(identity) || kill(identity.pid, signal)
}

/** Sends a signal to the group a process leads, if the leader is still that one. False when we may to none of it. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return !isAlive(leader) || kill(-leader.pid, signal)
}

/**
 * The line that signals processes in a shell that may do more; of `groups` those that each of them leads. It looks whether each
 * is still that one: between that and the signal lies no more than between ours.
 */
export function signalScript(signal: NodeJS.Signals, processes: ProcessIdentity[], groups: ProcessIdentity[]): string {
  const call = (sign: string) => (process: ProcessIdentity) =>
    `s '${sign}' ${process.pid} ${digits(process.startTicks)}`
  const calls = [...groups.map(call('-')), ...processes.map(call(''))].join('; ')
  // Its start is the 20th field behind its name, and behind the three words given.
  const isStill = `read -r stat </proc/$2/stat && set -- "$@" \${stat##*) } && [ "\${23}" = "$3" ]`
  const body = `${isStill} && kill -s ${signal.slice(3)} -- "$1$2"`
  return `( s() { ${body}; }; ${calls} ) </dev/null >/dev/null 2>&1\n`
}

/** Nothing but digits enters a line that a shell reads unquoted. */
export function digits(value: number | string): string {
  const text = String(value)
  if (!/^\d+$/.test(text)) throw new Error(`not a number for a shell: ${text}`)
  return text
}

/** The user that a process really is; null when it has gone. */
export function userOf(pid: number): number | null {
  try {
    return Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN)
  } catch (error) {
    rethrowShortage(error)
    return null
  }
}

/** False for a process of another user. */
export function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM'
  }
}

/** False when we may not: it runs as somebody else. */
function kill(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPERM') return false
    if (code !== 'ESRCH') throw error // else it ended by itself a moment ago
  }
  return true
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
}

export function allProcesses(): ProcessStat[] {
  return allPids()
    .map(readStat)
    .filter(stat => stat !== null)
}

function readStat(pid: number): ProcessStat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    rethrowShortage(error)
    return null // no such process
  }
}

/** What says nothing of a process, only that there are no descriptors or no memory to look by: nobody is dead for that. */
function rethrowShortage(error: unknown): void {
  if (['EMFILE', 'ENFILE', 'ENOMEM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
}
