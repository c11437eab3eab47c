import { setImmediate as afterIo } from 'node:timers/promises'
import type { LiveAttempt } from '../attempts/live-attempt.ts'
import type { TerminalSize } from '../attempts/terminal.ts'
import type { Actor } from '../audit/audit.ts'
import { AppError } from '../lib/errors.ts'
import { type Execution, hasEnded } from './execution.ts'
import type { ExecutionStore } from './store.ts'
import type { Supervisor } from './supervisor.ts'

export interface TypingOptions {
  store: Pick<ExecutionStore, 'noteTyping'>
  supervisor: Pick<Supervisor, 'attemptOf'>
  /** @throws AppError `not_found` */
  get: (id: string) => Promise<Execution>
}

/** What people do at the input and the terminal of an execution that runs. */
export class Typing {
  readonly #options: TypingOptions
  /** Ids of those of whom it is written down that they have typed to an attempt. */
  readonly #typists = new WeakMap<LiveAttempt, Set<string | null>>()

  constructor(options: TypingOptions) {
    this.#options = options
  }

  /**
   * Sends text to its input; resolves when its bot's pipe has all of it. That somebody did so is written down, once for each
   * attempt; what he typed may be a password. @throws AppError `not_found`, `execution_ended`, `no_input`, `input_full`
   */
  async send(id: string, text: string, actor: Actor): Promise<void> {
    const attempt = await this.#runningAttempt(id)
    await this.#note(id, attempt, actor)
    await attempt.input.write(text)
  }

  /** Gives its terminal a size. @throws AppError `not_found`, `execution_ended`, `no_input` */
  async resize(id: string, size: TerminalSize): Promise<void> {
    const attempt = await this.#runningAttempt(id)
    attempt.resize(size)
  }

  async #note(id: string, attempt: LiveAttempt, actor: Actor): Promise<void> {
    const known = this.#typists.get(attempt) ?? new Set()
    this.#typists.set(attempt, known)
    if (known.has(actor.id)) return
    const { botSlug } = await this.#options.get(id)
    await this.#options.store.noteTyping({
      actor,
      action: 'execution.typed',
      subject: { type: 'execution', id, name: botSlug },
      after: { attempt: attempt.log.attempt }
    })
    known.add(actor.id)
  }

  async #runningAttempt(id: string): Promise<LiveAttempt> {
    for (;;) {
      const attempt = this.#options.supervisor.attemptOf(id)
      if (attempt && !attempt.isOver) return attempt
      const execution = await this.#options.get(id)
      if (hasEnded(execution)) throw new AppError('execution_ended', `It has ended already: ${execution.state}.`)
      if (execution.state === 'queued') throw new AppError('no_input', 'It waits to run. Send this once it runs.')
      // Over, but that is not written down yet: it refuses by itself.
      if (attempt && attempt.record.number === execution.attempts.at(-1)?.number) return attempt
      // The next one was claimed this moment; the supervisor is about to hear of it.
      await afterIo()
    }
  }
}
