import { type ChildProcess, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Limits } from '../cgroups/limits.ts'
import type { Assertions } from './assertions.ts'
import { quote } from './quote.ts'
import { inTerminal } from './terminal.ts'

/** A process of niceness 5 gets a third of the processor that one of 0 gets, where both want all of it. */
const BOT_NICENESS = 5

const WRAPPER = join(import.meta.dirname, 'wrapper.sh')

/** What to run, ready for the system: placeholders are filled. */
export interface Launch {
  /** The attempt's folder, which exists. */
  folder: string
  argv: string[]
  /** The whole environment of the bot. */
  env: Record<string, string>
  /** Those values in `env` that must be covered wherever they stand in its log. */
  secretValues: string[]
  cwd: string
  /** It runs in a terminal, whose keyboard is its input. */
  terminal: boolean
  /** It can be sent input; otherwise its input is empty. */
  input: boolean
  maxLogBytes: number
  /** What success takes besides the exit code 0. */
  assert: Assertions
  /** What the kernel is to hold it to, where it can. */
  limits: Limits
}

/**
 * Starts wrappers from a long-lived shell. Starting them from this process would block it for as long as copying its
 * page tables takes, which grows with its memory; writing a line to a pipe costs some microseconds at any size.
 *
 * The wrapper gets a session of its own (`setsid -f`) and belongs to nobody: neither this process nor the shell can take
 * it along when they die. How it ends is in its folder.
 */
export class Launcher {
  readonly #onFailure: (attemptId: string, why: string) => void
  #shell: ChildProcess | null = null

  /** `onFailure` hears of attempts that the shell could not start. */
  constructor(onFailure: (attemptId: string, why: string) => void) {
    this.#onFailure = onFailure
  }

  /**
   * Returns at once; whether it worked shows in the attempt's folder. What a shell that dies had not started is lost.
   * `entrances`: the files by which the bot enters its control groups.
   */
  launch(attemptId: string, launch: Launch, entrances: string[] = []): void {
    this.run(launchScript(attemptId, launch, entrances))
  }

  /** Lets the shell run one more line, which must not wait for anything. What a shell that dies had not read is lost. */
  run(line: string): void {
    this.#shell ??= this.#start()
    this.#shell.stdin!.write(line)
  }

  stop(): void {
    this.#shell?.stdin?.end()
  }

  #start(): ChildProcess {
    // Its own session, or Ctrl-C in the terminal that started the server would end it before its last lines are read.
    const shell = spawn('/bin/sh', [], { env: {}, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    const forget = () => {
      if (this.#shell === shell) this.#shell = null // the next launch starts another
    }
    shell.on('error', forget)
    shell.on('exit', forget)
    if (!shell.stdin || !shell.stdout)
      throw new Error('the shell that launches bots could not be started: no descriptors left')
    shell.stdin.on('error', forget)
    // Bots inherit it: one that takes all of the processor must not keep others from watching it.
    if (shell.pid) setPriority(shell.pid, BOT_NICENESS)
    const unknown = 'The shell could not start it.'
    let complaint = unknown
    createInterface({ input: shell.stdout }).on('line', line => {
      if (line.startsWith(FAILED)) {
        this.#onFailure(line.slice(FAILED.length), complaint)
        complaint = unknown
      } else complaint = line.replace(/^.*?: \d+: /, '')
    })
    return shell
  }
}

/** The line that starts one attempt. Every value stands in single quotes, where a shell reads nothing but the quote. */
export function launchScript(attemptId: string, launch: Launch, entrances: string[] = []): string {
  const { argv, env } = launch.terminal ? inTerminal(launch) : launch
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)};`)
  // `ulimit -f` counts blocks of 512 bytes.
  const capBlocks = String(Math.floor(launch.maxLogBytes / 512))
  const input = launch.input ? join(launch.folder, 'input') : '/dev/null'
  const words = [
    WRAPPER,
    launch.folder,
    capBlocks,
    launch.cwd,
    input,
    String(entrances.length),
    ...entrances,
    ...argv
  ].map(quote)
  // What setsid complains of reaches us; what comes after must not hold our pipe, which breaks when this server ends.
  const wrapper = `/bin/sh -c 'exec 2>/dev/null; . "$0"' ${words.join(' ')}`
  const fifo = launch.input ? `${fifoScript(quote(input))} && ` : ''
  return `( ${exports.join(' ')} ${fifo}exec /usr/bin/setsid -f ${wrapper} </dev/null 2>&1 >/dev/null ) || echo ${quote(FAILED + attemptId)}\n`
}

/** Whoever makes it, it is there: a launch is repeated, and the shell of a server before this one may be at it as well. */
function fifoScript(path: string): string {
  return `{ [ -p ${path} ] || /usr/bin/mkfifo -m 600 ${path} 2>&1 || [ -p ${path} ]; }`
}

const FAILED = 'failed '
