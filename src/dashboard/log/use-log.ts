import { onScopeDispose, shallowRef, watch } from 'vue'
import { answerOf, api } from '../api/client'
import { live } from '../live/live'
import { LogBook } from './log-book'
import type { LogPage, PageQuery, ReadPage } from './log-page'
import { LogReader } from './log-reader'
import { ShownLines } from './shown-lines'
import type { Search } from './use-search'

/** What the view needs to know besides the lines. */
interface LogState {
  opened: boolean
  lineCount: number
  logBytes: number
  error: unknown
}

/**
 * The log of an attempt, read as it is shown and, while it is live, kept as the server says it is. Calls `changed` at
 * most once a frame.
 */
export function useLog(
  props: { executionId: string; attempt: number; live: boolean },
  options: { line: number | null; changed: () => void }
) {
  const { executionId, attempt } = props
  const state = shallowRef<LogState>({ opened: false, lineCount: 0, logBytes: 0, error: null })
  const book = new LogBook()
  let frame = 0
  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0
      state.value = { opened: reader.opened, lineCount: book.lineCount, logBytes: book.logBytes, error: reader.error }
      options.changed()
    })
  }
  const read = readPagesOf(executionId, attempt)
  const reader = new LogReader(book, read, redraw)

  reader.open(options.line)
  const ends = [
    live.onResync(() => (props.live || reader.error) && reader.resync()),
    live.onEvent(event => {
      if (event.type !== 'log.grew' || event.data.executionId !== executionId || event.data.attempt !== attempt) return
      book.apply(event.data)
      redraw()
    })
  ]
  let unwant: (() => void) | null = null
  watch(
    () => props.live,
    (now, before) => {
      unwant?.()
      unwant = now ? live.want(`log:${executionId}`) : null
      // The end may have come before word of the last lines.
      if (before !== undefined) reader.resync()
    },
    { immediate: true }
  )
  onScopeDispose(() => {
    for (const end of ends) end()
    unwant?.()
    cancelAnimationFrame(frame)
    reader.close()
  })
  return { book, reader, read, search: searchOf(executionId, attempt), state, shown: new ShownLines(book) }
}

function readPagesOf(id: string, attempt: number): ReadPage {
  return async (query: PageQuery, signal) => {
    const params = { path: { id }, query: { ...query, attempt } }
    // Bytes by its first description; asked for lines, it answers with a page of them.
    return (await answerOf(api.GET('/api/executions/{id}/log', { params, signal }))) as unknown as LogPage
  }
}

function searchOf(id: string, attempt: number): Search {
  return (query, signal) => {
    const params = { path: { id }, query: { ...query, attempt, matchCase: false } }
    return answerOf(api.GET('/api/executions/{id}/log/search', { params, signal }))
  }
}
