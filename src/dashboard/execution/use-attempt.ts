import { computed } from 'vue'
import { type RouteLocationRaw, useRoute } from 'vue-router'
import type { Attempt, Execution } from '../api/types'

/** The attempt whose log is shown: the one that the address says, or else the last, also when another begins. */
export function useAttempt(execution: () => Execution | undefined) {
  const route = useRoute()
  const attempts = computed(() => execution()?.attempts ?? [])
  const attempt = computed<Attempt | undefined>(
    () => attempts.value.find(({ number }) => String(number) === route.query.attempt) ?? attempts.value.at(-1)
  )

  /** Where another attempt is shown. */
  function linkTo(number: number): RouteLocationRaw {
    const { attempt: _, ...query } = route.query
    const isLast = number === attempts.value.at(-1)?.number
    return { query: isLast ? query : { ...query, attempt: String(number) } }
  }

  return { attempts, attempt, linkTo }
}
