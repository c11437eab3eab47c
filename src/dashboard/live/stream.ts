import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ApiProblem, unreachable } from '../api/problem'
import { refresh } from '../api/refresh'
import type { ServerEvent } from './messages'

/** The server sends at least a comment every 15 s. A connection that is silent for longer than this is dead. */
const SILENCE_MS = 40_000

/**
 * Reads the event stream of `topics` until it breaks, is aborted, or falls silent. Resolves when it ended without a fault;
 * calls `onOpen` once the server has begun to answer, `onEvent` for every event, `resync` included.
 * @throws ApiProblem
 */
export async function readEvents(
  topics: string[],
  abort: AbortController,
  on: { open: () => void; event: (event: ServerEvent | { type: 'resync' }) => void }
): Promise<void> {
  const address = `/api/events?topics=${encodeURIComponent(topics.join(','))}`
  const open = () =>
    fetch(address, { signal: abort.signal }).catch(() => {
      throw unreachable()
    })
  let response = await open()
  if (response.status === 401 && (await refresh().catch(() => false))) response = await open()
  if (!response.ok) throw new ApiProblem(await response.json().catch(() => ({})), response.status)

  let watchdog = 0
  const listen = () => {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => abort.abort(), SILENCE_MS) as unknown as number
  }
  const heard = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      listen()
      controller.enqueue(bytes)
    }
  })
  on.open()
  listen()
  try {
    const events = response
      .body!.pipeThrough(heard)
      .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream())
    const reader = events.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      if (value.event) on.event({ type: value.event, data: JSON.parse(value.data) } as ServerEvent)
    }
  } catch {
    if (!abort.signal.aborted) throw unreachable()
  } finally {
    clearTimeout(watchdog)
  }
}
