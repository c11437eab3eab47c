import type { Terminal } from '@xterm/xterm'
import { onBeforeUnmount, onMounted, shallowRef } from 'vue'
import { answerOf, api } from '../api/client'
import { live } from '../live/live'
import { readStream } from '../live/stream'
import type { LogPage } from '../log/log-page'
import { type LogSource, TerminalFeed } from './terminal-feed'

/**
 * Shows an attempt's log in a terminal, from its beginning on and for as long as somebody looks. `fromStart`: this page was
 * there when the attempt began.
 */
export function useFeed(
  terminal: Terminal,
  { executionId, attempt, fromStart }: { executionId: string; attempt: { number: number }; fromStart: boolean }
) {
  const state = shallowRef<TerminalFeed['state']>('connecting')
  /** Bytes of the log before what is shown. */
  const leftOut = shallowRef(0)
  /** When it last printed something, in milliseconds; null when that is not known. */
  const printedAt = shallowRef<number | null>(null)
  let present = fromStart
  let showsPast = false

  const screen = {
    write(text: string, { old, at }: { old: boolean; at: number | null }): Promise<void> {
      showsPast = old && !present
      printedAt.value = old ? at : Date.now()
      return new Promise(resolve => terminal.write(text, resolve))
    },
    leap(bytes: number) {
      terminal.reset()
      leftOut.value = bytes
    }
  }
  const feed = new TerminalFeed(attempt.number, sourceOf(executionId, attempt.number), screen, () => {
    state.value = feed.state
    if (feed.state === 'off') present = false
  })

  const look = () => (document.hidden ? feed.hold() : feed.go())
  const offResync = live.onResync(() => feed.state === 'off' && look())
  onMounted(() => {
    document.addEventListener('visibilitychange', look)
    look()
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', look)
    offResync()
    feed.hold()
  })
  return {
    feed,
    state,
    leftOut,
    printedAt,
    /** Whether what is just being shown had been printed before this page looked. */
    showsPast: () => showsPast
  }
}

function sourceOf(id: string, attempt: number): LogSource {
  return {
    async size(signal) {
      const params = { path: { id }, query: { attempt, tail: 1 } }
      // Bytes by its first description; asked for lines, it answers with a page of them.
      const page = (await answerOf(api.GET('/api/executions/{id}/log', { params, signal }))) as unknown as LogPage
      return page.logBytes
    },
    read: (after, abort, onEvent) => readStream(`/api/executions/${id}/log/stream?after=${after}`, abort, onEvent)
  }
}
