import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { AppError } from '../lib/errors.ts'
import type { ChildAnswer, ChildOrder } from './child.ts'
import type { Report } from './make.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

/** A process of this niceness gets a tenth of the processor that one of 0 gets, where both want all of it. */
const NICENESS = 10

/** Much is said only when something is wrong with the program itself. */
const MAX_SAID = 4000

/** Who has neither read nor written anything for so long waits for something that does not answer, such as a share that is gone. */
const STALL_MS = 10 * 60_000

/** A backup that is being made in a process of its own. */
export class BackupProcess {
  /** Its bytes, where they are to go nowhere else. */
  readonly bytes: PassThrough
  /** What it came to. @throws AppError `backup_running`, `unavailable` */
  readonly done: Promise<Report>
  readonly #child: ChildProcess
  #giveUp: (error: AppError) => void = () => {}

  /**
   * `environment`: all of it that the process has; passwords come by a message. One that does nothing for `stallMs` is given up;
   * whose bytes are for somebody to take is not, as he may take his time.
   */
  constructor(order: ChildOrder, environment: Record<string, string>, stallMs: number = STALL_MS) {
    this.#child = fork(CHILD, {
      env: environment,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
    this.done = this.#end()
    this.done.catch(() => {}) // whoever wants to know awaits it
    // Node throws away what nobody has begun to read of a process that has ended.
    this.bytes = new PassThrough()
    // Where there were no descriptors for it, it has no pipes, nor a way to be told anything.
    this.#child.stdout?.pipe(this.bytes)
    if (!this.#child.pid) return
    setPriority(this.#child.pid, NICENESS)
    this.#child.send(order, () => {}) // one that has ended by now says so by its end
    if (order.to !== null) this.#watch(this.#child.pid, stallMs)
  }

  /** What it had written so far has no name. Not waited for: who waits for a disk that is gone cannot even be killed. */
  kill(): void {
    this.#child.kill('SIGKILL')
    this.#giveUp(new AppError('unavailable', 'The process that made the backup was ended.'))
  }

  #watch(pid: number, stallMs: number): void {
    let [known, since] = [bytesOf(pid), performance.now()]
    const timer = setInterval(() => {
      const done = bytesOf(pid)
      if (done === null || done !== known) [known, since] = [done, performance.now()]
      else if (performance.now() - since >= stallMs) {
        const minutes = Math.round(stallMs / 60_000)
        const detail = `The backup has come no further for ${minutes} minutes. Does what BACKUP_URL names still answer?`
        this.#giveUp(new AppError('unavailable', detail))
        this.kill()
      }
    }, stallMs / 10)
    timer.unref()
    const stop = () => clearInterval(timer)
    this.done.then(stop, stop)
  }

  #end(): Promise<Report> {
    let said = ''
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      said = (said + text).slice(-MAX_SAID)
    })
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      this.#child.once('message', (answer: ChildAnswer) => {
        if (answer.kind === 'made') resolve(answer.report)
        else reject(new AppError(answer.isRunning ? 'backup_running' : 'unavailable', answer.detail))
      })
      // Always heard, or it would be the server's end.
      this.#child.on('error', error =>
        reject(new AppError('unavailable', `No process could be started: ${error.message}`))
      )
      this.#child.once('exit', (code, signal) => {
        const how = signal ? `was ended by ${signal}` : `ended with ${code}`
        reject(new AppError('unavailable', `The process that made the backup ${how}. ${said}`.trim()))
      })
    })
  }
}

/** What a process has read and written so far, as the kernel counts it; null when it does not say. */
function bytesOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/io`, 'utf8')
  } catch {
    return null
  }
}
