import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { BLOCK_LINES, type LogBook } from './log-book'
import { countMatches, finder } from './matches'
import { type ShownLines, textOf } from './shown-lines'

/** One of the matches: number `index` of those in its line. */
export interface Match {
  line: number
  index: number
}

/** More are not counted. */
export const MAX_MATCHES = 10_000

/** Searching gives way to everything else after so long, and goes on after a break. */
const SLICE_MS = 8

const TYPING_MS = 120
const AGAIN_MS = 500

/** Finds text in the lines that are loaded, also as more of them come. */
export function useFind(book: LogBook, shown: ShownLines, goTo: (line: number) => void) {
  const open = ref(false)
  const query = ref('')
  const find = computed(() => (open.value ? finder(query.value) : null))
  const matches = shallowRef<Match[]>([])
  const current = shallowRef<Match | null>(null)
  const position = computed(() => {
    const now = current.value
    return now ? matches.value.findIndex(match => isSame(match, now)) : -1
  })
  let from = 1
  let timer: ReturnType<typeof setTimeout> | undefined
  let search: Generator<undefined, Match[]> | null = null

  function* searching(pattern: RegExp): Generator<undefined, Match[]> {
    const found: Match[] = []
    for (const block of book.blocks) {
      const lines = shown.ofBlock(block, BLOCK_LINES)
      for (let i = 0; i < lines.length && found.length < MAX_MATCHES; i++) {
        const count = lines[i] ? countMatches(textOf(lines[i]!), pattern) : 0
        for (let index = 0; index < count; index++) found.push({ line: block * BLOCK_LINES + i + 1, index })
      }
      yield
    }
    return found
  }

  function later(ms: number, done?: () => void) {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      search = find.value && searching(find.value)
      proceed(done)
    }, ms)
  }

  function proceed(done?: () => void) {
    const until = performance.now() + SLICE_MS
    while (search && performance.now() < until) {
      const step = search.next()
      if (!step.done) continue
      search = null
      matches.value = step.value
      done?.()
      return
    }
    if (search) timer = setTimeout(() => proceed(done))
  }

  /** Lines have come or gone. */
  function refresh() {
    if (find.value && timer === undefined) later(AGAIN_MS)
  }

  function show(match: Match | undefined) {
    current.value = match ?? null
    if (match) goTo(match.line)
  }

  function step(by: 1 | -1) {
    const { length } = matches.value
    if (length === 0) return
    const from = position.value < 0 ? (by > 0 ? -1 : 0) : position.value
    show(matches.value[(from + by + length) % length])
  }

  /** Finds the first match from `line` on, then those around it. */
  function begin(line: number) {
    from = line
    open.value = true
  }

  watch(find, pattern => {
    current.value = null
    if (pattern) later(TYPING_MS, () => show(matches.value.find(match => match.line >= from) ?? matches.value[0]))
    else {
      clearTimeout(timer)
      timer = undefined
      search = null
      matches.value = []
    }
  })
  onScopeDispose(() => clearTimeout(timer))

  return { open, query, find, matches, current, position, begin, step, show, refresh }
}

const isSame = (a: Match, b: Match): boolean => a.line === b.line && a.index === b.index
