import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream'
import { ApiProblem, unreachable } from '../api/problem'
import { refresh } from '../api/refresh'
import type { ServerEvent } from './messages'

/** The server sends at least a comment every 15 s. A connection that is silent for longer than this is dead. */
const SILENCE_MS = 40_000

/** Reads the event stream of `topics`, as {@link readStream} does. */
export function readEvents(
  topics: string[],
  abort: AbortController,
  onEvent: (event: ServerEvent | { type: 'resync' }) => void
): Promise<void> {
  return readStream(`/api/events?topics=${encodeURIComponent(topics.join(','))}`, abort, ({ event, data }) => {
    if (event) onEvent({ type: event, data: JSON.parse(data) } as ServerEvent)
  })
}

/**
 * Reads an event stream until it breaks, is aborted, or falls silent. Resolves when it ended without a fault. An event that
 * `onEvent` takes its time for holds up those behind it, the server included.
 * @throws ApiProblem
 */
export async function readStream(
  address: string,
  abort: AbortController,
  onEvent: (event: EventSourceMessage) => void | Promise<void>
): Promise<void> {
  let watchdog = 0
  const listen = () => {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => abort.abort(), SILENCE_MS) as unknown as number
  }
  listen()
  try {
    const response = await open(address, abort.signal)
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        listen()
        controller.enqueue(bytes)
      }
    })
    const events = response
      .body!.pipeThrough(heard)
      .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream())
    const reader = events.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      await onEvent(value)
    }
  } catch (error) {
    if (error instanceof ApiProblem) throw error
    if (!abort.signal.aborted) throw unreachable()
  } finally {
    clearTimeout(watchdog)
  }
}

async function open(address: string, signal: AbortSignal): Promise<Response> {
  let response = await fetch(address, { signal })
  if (response.status === 401 && (await refresh())) response = await fetch(address, { signal })
  if (!response.ok) throw new ApiProblem(await response.json().catch(() => ({})), response.status)
  return response
}
