import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { type Hit, hitIn } from './hits'

/** Lines of a log in which the server found a text. */
export interface Found {
  items: { line: number; text: string }[]
  /** Where to go on; null when there is no rest. */
  nextLine: number | null
}

export type Search = (query: { q: string; fromLine: number; limit: number }, signal: AbortSignal) => Promise<Found>

/** So many more are shown at a time. */
const STEP = 100

/** Finds text in the whole log, by asking the server; what is loaded of it or not. */
export function useSearch(search: Search) {
  /** What was searched for; empty before anything was. */
  const text = ref('')
  const hits = shallowRef<Hit[]>([])
  /** The line at which it goes on; null when all have been looked through. */
  const nextLine = ref<number | null>(1)
  const error = shallowRef<unknown>(null)
  const underway = shallowRef<AbortController | null>(null)

  function start(query: string): void {
    forget()
    text.value = query
    void more()
  }

  /** Looks on, for so long until there is something more to show. A search of the server's ends after a while. */
  async function more(): Promise<void> {
    const abort = new AbortController()
    const enough = hits.value.length + STEP
    underway.value = abort
    error.value = null
    try {
      while (nextLine.value !== null && hits.value.length < enough) {
        const query = { q: text.value, fromLine: nextLine.value, limit: enough - hits.value.length }
        const found = await search(query, abort.signal)
        if (abort.signal.aborted) return
        hits.value = [...hits.value, ...found.items.map(item => hitIn(item, text.value))]
        nextLine.value = found.nextLine
      }
    } catch (problem) {
      if (!abort.signal.aborted) error.value = problem
    } finally {
      if (underway.value === abort) underway.value = null
    }
  }

  function forget(): void {
    underway.value?.abort()
    underway.value = null
    text.value = ''
    hits.value = []
    nextLine.value = 1
    error.value = null
  }

  onScopeDispose(forget)
  return { text, hits, nextLine, error, busy: computed(() => underway.value !== null), start, more, forget }
}
