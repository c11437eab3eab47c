import type { EventHub } from '../events/hub.ts'
import { frame, type SseStream } from '../events/sse.ts'
import { type Execution, hasEnded } from '../executions/execution.ts'
import type { Cursor, ReadableLog } from './log.ts'
import type { Logs } from './logs.ts'

export interface StreamSources {
  logs: Pick<Logs, 'open'>
  events: EventHub
  /** The execution as it is now. */
  get: (id: string) => Promise<Execution>
}

/**
 * Sends an execution's log from a place on, then what comes, attempt after attempt, until it has ended or the client has
 * left. Replay and live are one loop: read from where this reader stands to what is published, then wait for more.
 *
 * Events: `log` {text, at} with the place after it as id, `state` {state, reason}, `end` {state, reason, exitCode}.
 */
export async function streamLog(
  stream: SseStream,
  sources: StreamSources,
  executionId: string,
  from: Cursor
): Promise<void> {
  const bell = new Bell()
  const ring = () => bell.ring()
  // Subscribed before it is read: a change in between is seen twice rather than never.
  let execution: Execution | null = null
  const unsubscribe = sources.events.subscribe([`execution:${executionId}`], event => {
    execution = event.data as Execution
    bell.ring()
  })
  stream.closed.addEventListener('abort', ring)
  let said: Execution['state'] | null = null
  const sayState = () => {
    if (!execution || execution.state === said) return
    said = execution.state
    stream.write(frame({ event: 'state', data: { state: execution.state, reason: execution.reason } }))
  }

  try {
    const now = await sources.get(executionId)
    execution ??= now
    let cursor = from
    while (!stream.closed.aborted) {
      sayState()
      const log = await sources.logs.open(executionId, cursor.attempt)
      if (log) {
        await sendLog(stream, log, cursor.offset, bell, sayState)
        cursor = { attempt: cursor.attempt + 1, offset: 0 }
      } else if (hasEnded(execution)) {
        break
      } else {
        await bell.wait()
      }
    }
    sayState()
    const { state, reason, exitCode } = execution
    stream.write(frame({ event: 'end', data: { state, reason, exitCode } }))
  } finally {
    unsubscribe()
    stream.end()
  }
}

/** One attempt's log from `offset` to its end, or until the client has left. */
async function sendLog(
  stream: SseStream,
  log: ReadableLog,
  offset: number,
  bell: Bell,
  between: () => void
): Promise<void> {
  const unfollow = log.follow(() => bell.ring())
  try {
    let position = await log.snap(offset)
    while (!stream.closed.aborted) {
      between()
      while (position < log.published && !stream.closed.aborted) {
        if (stream.parked) await stream.drained()
        const chunk = await log.read(position)
        stream.write(chunk.frame)
        position = chunk.end
      }
      if (log.ended && position >= log.published) return
      await bell.wait()
    }
  } finally {
    unfollow()
  }
}

/** Wakes one waiter; rings that nobody waits for are remembered as one. */
class Bell {
  #rung = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  async wait(): Promise<void> {
    if (!this.#rung)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    this.#rung = false
    this.#wake = null
  }
}
