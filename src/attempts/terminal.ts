/**
 * A bot in a terminal: `script` of util-linux holds it, under the same wrapper as any bot. What the terminal shows is the
 * attempt's log, and the FIFO `input` is its keyboard. So neither end of it is in this process.
 *
 * The wrapper's bot is `script`, which leads a session of its own; what people call the bot is its child, which leads the
 * terminal's session and is named in the attempt's file `terminal`.
 */
import { join } from 'node:path'
import { digits, livingStat, type ProcessIdentity } from '../processes/processes.ts'
import type { AttemptDirectory } from './attempt-directory.ts'
import type { Launch } from './launcher.ts'
import { quote } from './quote.ts'

export const SCRIPT = '/usr/bin/script'

/** A bot's own environment may say otherwise. */
const TERMINAL_ENVIRONMENT = { SHELL: '/bin/sh', TERM: 'xterm-256color' }

const SETUP = join(import.meta.dirname, 'terminal.sh')

/** Major number of the terminals that programs hold, on all of Linux. */
const PTS_MAJOR = 136

/** Who drags the edge of a window asks for a size with every pixel; each that is set costs the bot a signal. */
const RESIZE_EVERY_MS = 50

/** In characters. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** The same in a terminal. `script` gives its text to $SHELL, which is the bot's own only from there on. */
export function inTerminal(launch: Launch): Launch {
  const setup = ['/bin/sh', SETUP, launch.folder, ...launch.argv].map(quote).join(' ')
  const { SHELL, ...env } = { ...TERMINAL_ENVIRONMENT, ...launch.env }
  const text = `export SHELL=${quote(SHELL)}; exec ${setup}`
  return { ...launch, argv: [SCRIPT, '-qefc', text, '/dev/null'], env: { ...env, SHELL: '/bin/sh' } }
}

/** The N of the /dev/pts/N that `tty_nr` of /proc/<pid>/stat stands for; null for another terminal, or none. */
export function ptsOf(tty: number): number | null {
  const major = (tty >>> 8) & 0xfff
  return major === PTS_MAJOR ? (tty & 0xff) | ((tty >>> 12) & 0xfff00) : null
}

/**
 * The line that gives a terminal its size, for a shell, as starting `stty` from here would block this process. The shell
 * looks once more whether the process is still there, by its start ticks: its terminal's number may be another's by then.
 */
export function resizeScript(process: ProcessIdentity, pts: number, size: TerminalSize): string {
  const { pid, startTicks } = process
  const [p, ticks, n, columns, rows] = [pid, startTicks, pts, size.columns, size.rows].map(digits)
  const stty = `exec /usr/bin/stty -F /dev/pts/${n} cols ${columns} rows ${rows}`
  return `( read -r stat </proc/${p}/stat && case "$stat" in *' ${ticks} '*) ${stty};; esac ) </dev/null >/dev/null 2>&1\n`
}

/** The size a terminal is to have: the latest that was asked for. */
export class WantedSize {
  #wanted: TerminalSize | null = null
  #nextAt = Number.NEGATIVE_INFINITY

  ask(size: TerminalSize): void {
    this.#wanted = size
  }

  /** Sets it once that can be; true while it waits. Times are the monotonic clock's. */
  apply(now: number, directory: AttemptDirectory, set: (script: string) => void): boolean {
    if (!this.#wanted) return false
    const bot = directory.terminal()
    if (!bot || now < this.#nextAt) return true
    const stat = livingStat(bot)
    const pts = stat && ptsOf(stat.tty)
    if (pts !== null) set(resizeScript(bot, pts, this.#wanted))
    this.#wanted = null
    this.#nextAt = now + RESIZE_EVERY_MS
    return false
  }
}
