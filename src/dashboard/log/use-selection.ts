import { type Ref, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { addresses } from '../addresses'
import { formatRange, type LineRange, parseRange } from './line-range'

/**
 * The lines that are selected. On the execution's own page the address says which, so that it can be passed on; elsewhere
 * a link leads there.
 */
export function useSelection(executionId: string, attempt: number) {
  const route = useRoute()
  const router = useRouter()
  const page = addresses.execution.replace(':id', executionId)
  const isHere = () => route.path === page
  const range: Ref<LineRange | null> = ref(isHere() ? parseRange(route.hash) : null)

  watch(
    () => route.hash,
    hash => {
      if (isHere()) range.value = parseRange(hash)
    }
  )

  /** Lines are those of one attempt, whichever others come after it. */
  const queryFor = (now: LineRange | null) => (now ? { ...route.query, attempt: String(attempt) } : route.query)

  function select(now: LineRange | null) {
    range.value = now
    if (isHere()) void router.replace({ query: queryFor(now), hash: now ? formatRange(now) : '' })
  }

  /** Selects a line, or all from the selected one to it. */
  function pick(line: number, extend: boolean) {
    const from = extend && range.value ? range.value : { first: line, last: line }
    const end = line < from.first ? from.last : from.first
    select({ first: Math.min(end, line), last: Math.max(end, line) })
  }

  function link(): string {
    const query = { attempt: String(attempt) }
    const to = { path: page, query, hash: range.value ? formatRange(range.value) : '' }
    return new URL(router.resolve(to).href, location.origin).href
  }

  return { range, select, pick, link, isHere }
}
