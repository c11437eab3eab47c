import { computed } from 'vue'
import { type LocationQuery, useRoute, useRouter } from 'vue-router'
import type { ExecutionFilter } from './executions'

const NAMES = ['bot', 'state', 'trigger', 'since', 'until'] as const

/** What the address says the history is narrowed to, so that it can be linked to and gone back to. */
export function filterOf(query: LocationQuery): ExecutionFilter {
  const text = (name: string) => {
    const value = query[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const instant = (name: string) => {
    const value = Number(text(name) ?? Number.NaN)
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  }
  return {
    bot: text('bot'),
    state: text('state'),
    trigger: text('trigger'),
    since: instant('since'),
    until: instant('until')
  }
}

export function useHistoryFilter() {
  const route = useRoute()
  const router = useRouter()
  const filter = computed(() => filterOf(route.query))
  const narrowed = computed(() => NAMES.some(name => filter.value[name] !== undefined))

  function set(changes: ExecutionFilter): void {
    const query = Object.entries({ ...filter.value, ...changes }).filter(([, value]) => value !== undefined)
    void router.replace({ query: Object.fromEntries(query.map(([name, value]) => [name, String(value)])) })
  }
  const clear = () => void router.replace({ query: {} })
  return { filter, narrowed, set, clear }
}
