import { computed } from 'vue'
import { type LocationQuery, useRoute, useRouter } from 'vue-router'

/** What the address says a list is narrowed to, by name. Undefined where it says nothing that can be. */
export const textIn = (query: LocationQuery, name: string): string | undefined => {
  const value = query[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The same as a time in milliseconds. */
export const instantIn = (query: LocationQuery, name: string): number | undefined => {
  const value = Number(textIn(query, name) ?? Number.NaN)
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A filter that stands in the address, so that it can be linked to and gone back to. `read` finds it there. */
export function useAddressFilter<Filter extends object>(read: (query: LocationQuery) => Filter) {
  const route = useRoute()
  const router = useRouter()
  const filter = computed(() => read(route.query))
  const narrowed = computed(() => Object.values(filter.value).some(value => value !== undefined))

  function set(changes: Filter): void {
    const query = Object.entries({ ...filter.value, ...changes }).filter(([, value]) => value !== undefined)
    void router.replace({ query: Object.fromEntries(query.map(([name, value]) => [name, String(value)])) })
  }
  const clear = () => void router.replace({ query: {} })
  return { filter, narrowed, set, clear }
}
