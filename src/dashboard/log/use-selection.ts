import { type Ref, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { addresses } from '../addresses'
import { formatRange, type LineRange, parseRange } from './line-range'

/**
 * The lines that are selected. On the execution's own page the address says which, so that it can be passed on; elsewhere
 * a link leads there.
 */
export function useSelection(executionId: string) {
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

  function select(now: LineRange | null) {
    range.value = now
    if (isHere()) void router.replace({ query: route.query, hash: now ? formatRange(now) : '' })
  }

  /** Selects a line, or all from the selected one to it. */
  function pick(line: number, extend: boolean) {
    const from = extend && range.value ? range.value : { first: line, last: line }
    const end = line < from.first ? from.last : from.first
    select({ first: Math.min(end, line), last: Math.max(end, line) })
  }

  function link(): string {
    const to = { path: page, query: isHere() ? route.query : {}, hash: range.value ? formatRange(range.value) : '' }
    return new URL(router.resolve(to).href, location.origin).href
  }

  return { range, select, pick, link, isHere }
}
