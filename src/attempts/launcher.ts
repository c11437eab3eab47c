import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Limits } from '../cgroups/limits.ts'
import type { Assertions } from './assertions.ts'
import { asUser, type BotUser, becoming, WITHOUT_KILL, WITHOUT_RIGHTS } from './bot-user.ts'
import { quote } from './quote.ts'
import { inTerminal } from './terminal.ts'

/** A process of niceness 5 gets a third of the processor that one of 0 gets, where both want all of it. */
const BOT_NICENESS = 5

/** The descriptors of a shell that was given, as `deploy/start.sh` leaves them. */
export const GIVEN = { stdin: 3, stdout: 4 }

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
  /** What the bot finds in the file `payload` beside its results; null for nothing. */
  payload: string | null
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
  /** Whom it runs as; null for the server's own user. */
  user: BotUser | null
}

/** What a program has printed that ran as the bots' user. */
export interface Answer {
  /** As a shell tells it. */
  code: number
  /** Each without what is beyond 200 characters. */
  lines: string[]
}

/**
 * Starts wrappers from a long-lived shell. Starting them from this process would block it for as long as copying its
 * page tables takes, which grows with its memory; writing a line to a pipe costs some microseconds at any size.
 *
 * The wrapper gets a session of its own (`setsid -f`) and belongs to nobody: neither this process nor the shell can take
 * it along when they die. How it ends is in its folder.
 *
 * A shell that was given to this process (`deploy/start.sh`) has rights that this process has not. When it goes, so does this
 * process.
 */
export class Launcher {
  readonly #isGiven: boolean
  readonly #botMask: number
  readonly #questions = new Map<number, { lines: string[]; resolve: (answer: Answer | null) => void }>()
  #asked = 0
  #onFailure: (attemptId: string, why: string) => void = () => {}
  #shell: Shell | null = null
  #stopped = false

  /**
   * `isGiven`: the shell is there, and reads and prints at the other ends of two descriptors. `botMask`: the file mode creation
   * mask of bots that run as this process's user.
   */
  constructor(isGiven = false, botMask = process.umask()) {
    this.#isGiven = isGiven
    this.#botMask = botMask
  }

  /** `hear` hears of attempts that the shell could not start. */
  onFailure(hear: (attemptId: string, why: string) => void): void {
    this.#onFailure = hear
  }

  /**
   * Returns at once; whether it worked shows in the attempt's folder. What a shell that dies had not started is lost.
   * `entrances`: the files by which the bot enters its control groups.
   */
  launch(attemptId: string, launch: Launch, entrances: string[] = []): void {
    this.run(launchScript(attemptId, launch, entrances, this.#botMask))
  }

  /** Lets the shell run one more line, which must not wait for anything. What a shell that dies had not read is lost. */
  run(line: string): void {
    if (this.#stopped) return
    this.#shell ??= this.#isGiven ? this.#take() : this.#start()
    this.#shell.stdin.write(line)
  }

  /**
   * Runs a program beside the shell as a user of bots, who may do to it what he likes: it is killed when it takes too long, and
   * what it prints is to be believed no more than a bot. Null when the shell has died or was stopped meanwhile.
   */
  ask(user: Pick<BotUser, 'uid' | 'gid'>, argv: string[], maxSeconds = 5): Promise<Answer | null> {
    if (this.#stopped) return Promise.resolve(null)
    const number = ++this.#asked
    const timeout = ['/usr/bin/timeout', '-s', 'KILL', String(maxSeconds)]
    const program = [...timeout, ...becoming(user), ...argv].map(quote).join(' ')
    // Line by line, as only what is short is written at once, and others print at the same time.
    const print = `while IFS= read -r line; do printf '${ANSWER}${number} %.200s\\n' "$line"; done`
    return new Promise(resolve => {
      this.#questions.set(number, { lines: [], resolve })
      this.run(`( ( { ${program} </dev/null 2>&1; echo "= $?"; } | ${print} ) & )\n`)
    })
  }

  stop(): void {
    this.#stopped = true
    this.#shell?.stdin.end()
  }

  #start(): Shell {
    // Its own session, or Ctrl-C in the terminal that started the server would end it before its last lines are read.
    const child = spawn('/bin/sh', [], { env: {}, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    const { stdin, stdout } = child
    // The next launch starts another.
    const forget = () => this.#forget(stdin)
    child.on('error', forget)
    child.on('exit', forget)
    if (!stdin || !stdout) throw new Error('the shell that launches bots could not be started: no descriptors left')
    stdin.on('error', forget)
    // Bots inherit it: one that takes all of the processor must not keep others from watching it.
    if (child.pid) setPriority(child.pid, BOT_NICENESS)
    this.#listen(stdout)
    return { stdin }
  }

  #take(): Shell {
    const stdin = new Socket({ fd: GIVEN.stdin, readable: false, writable: true })
    const stdout = new Socket({ fd: GIVEN.stdout, readable: true, writable: false })
    const lose = () => {
      this.#forget(stdin)
      if (this.#stopped) return
      this.#stopped = true
      // Nobody can go on without it: the server ends, and whoever looks after it starts it again, with another.
      throw new Error('the shell that starts bots has gone, and no other can be started in its place')
    }
    stdin.on('error', lose)
    stdout.on('error', lose).on('close', lose)
    this.#listen(stdout)
    return { stdin }
  }

  #forget(stdin: Writable): void {
    if (this.#shell?.stdin !== stdin) return
    // One that was given is not to be taken twice.
    if (!this.#isGiven) this.#shell = null
    for (const { resolve } of this.#questions.values()) resolve(null)
    this.#questions.clear()
  }

  #listen(stdout: Readable): void {
    const unknown = 'The shell could not start it.'
    let complaint = unknown
    createInterface({ input: stdout }).on('line', line => {
      const answer = ANSWERED.exec(line)
      if (answer) this.#hear(Number(answer[1]), answer[2]!)
      else if (line.startsWith(FAILED)) {
        this.#onFailure(line.slice(FAILED.length), complaint)
        complaint = unknown
      } else complaint = line.replace(/^.*?: \d+: /, '')
    })
  }

  #hear(number: number, line: string): void {
    const question = this.#questions.get(number)
    const end = /^= (\d+)$/.exec(line)
    if (!end) question?.lines.push(line)
    else if (this.#questions.delete(number)) question!.resolve({ code: Number(end[1]), lines: question!.lines })
  }
}

interface Shell {
  stdin: Writable
}

/** The line that starts one attempt. Every value stands in single quotes, where a shell reads nothing but the quote. */
export function launchScript(
  attemptId: string,
  launch: Launch,
  entrances: string[] = [],
  botMask: number = process.umask()
): string {
  const own = launch.user ? asUser(launch, launch.user) : launch
  const { argv, env, cwd } = own.terminal ? inTerminal(own) : own
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)};`)
  // `ulimit -f` counts blocks of 512 bytes.
  const capBlocks = String(Math.floor(launch.maxLogBytes / 512))
  const input = launch.input ? join(launch.folder, 'input') : '/dev/null'
  const words = [WRAPPER, launch.folder, capBlocks, cwd, input, String(entrances.length), ...entrances, ...argv].map(
    quote
  )
  // What setsid complains of reaches us; what comes after must not hold our pipe, which breaks when this server ends.
  const lent = launch.user !== null && process.getuid!() !== 0
  // The wrapper has to change the user yet, but signals nobody; the relay, which reads what the bot prints, does neither.
  const [without, bare] = lent ? [`${WITHOUT_KILL} `, ` BOTYARD_BARE=${quote(WITHOUT_RIGHTS)};`] : ['', '']
  const wrapper = `${without}/bin/sh -c ${quote(`exec 2>/dev/null;${bare} . "$0"`)} ${words.join(' ')}`
  const fifo = launch.input ? `${fifoScript(quote(input))} && ` : ''
  // A user of bots has a mask of his own.
  const umask = launch.user ? '' : `umask ${botMask.toString(8)}; `
  return `( ${umask}${exports.join(' ')} ${fifo}exec /usr/bin/setsid -f ${wrapper} </dev/null 2>&1 >/dev/null ) || echo ${quote(FAILED + attemptId)}\n`
}

/** Whoever makes it, it is there: a launch is repeated, and the shell of a server before this one may be at it as well. */
function fifoScript(path: string): string {
  return `{ [ -p ${path} ] || /usr/bin/mkfifo -m 600 ${path} 2>&1 || [ -p ${path} ]; }`
}

const FAILED = 'failed '
const ANSWER = 'answer '
const ANSWERED = /^answer (\d+) (.*)$/
