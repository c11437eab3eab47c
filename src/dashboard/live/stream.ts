import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ApiProblem, unreachable } from '../api/problem'
import { refresh } from '../api/refresh'
import type { ServerEvent } from './messages'

/** The server sends at least a comment every 15 s. A connection that is silent for longer than this is dead. */
const SILENCE_MS = 40_000

/**
 * Reads the event stream of `topics` until it breaks, is aborted, or falls silent. Resolves when it ended without a fault.
 * @throws ApiProblem
 */
export async function readEvents(
  topics: string[],
  abort: AbortController,
  onEvent: (event: ServerEvent | { type: 'resync' }) => void
): Promise<void> {
  let watchdog = 0
  const listen = () => {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => abort.abort(), SILENCE_MS) as unknown as number
  }
  listen()
  try {
    const response = await open(topics, abort.signal)
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
      if (value.event) onEvent({ type: value.event, data: JSON.parse(value.data) } as ServerEvent)
    }
  } catch (error) {
    if (error instanceof ApiProblem) throw error
    if (!abort.signal.aborted) throw unreachable()
  } finally {
    clearTimeout(watchdog)
  }
}

async function open(topics: string[], signal: AbortSignal): Promise<Response> {
  const address = `/api/events?topics=${encodeURIComponent(topics.join(','))}`
  let response = await fetch(address, { signal })
  if (response.status === 401 && (await refresh())) response = await fetch(address, { signal })
  if (!response.ok) throw new ApiProblem(await response.json().catch(() => ({})), response.status)
  return response
}
