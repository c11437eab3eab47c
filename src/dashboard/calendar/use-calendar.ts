import { useQueries, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose } from 'vue'
import { answerOf, api } from '../api/client'
import { useTopic } from '../composables/topic'
import { myZone } from '../lib/zones'
import { live } from '../live/live'
import { keys } from '../live/query-feed'
import { addDays, boundsOf, linesOf, SHOWN_DAYS } from './days'

/** As much of a day is asked for, and of each schedule: one that is due each quarter of an hour is shown whole. */
const LIMIT = 1000
const PER_TRIGGER = 100

/** A schedule tells of each of its times; what is shown is read anew at most this often. */
const REREAD_MS = 5000

/** What is due on the days from `from` on, and what became of what was; day by day, live. */
export function useCalendar(from: () => string) {
  const zone = myZone()
  const queries = useQueryClient()
  const dates = computed(() => Array.from({ length: SHOWN_DAYS }, (_, i) => addDays(from(), i)))
  const answers = useQueries({
    queries: computed(() =>
      dates.value.map(date => ({
        queryKey: keys.calendar(date),
        queryFn: ({ signal }: { signal: AbortSignal }) => {
          const params = { query: { ...boundsOf(date, zone), limit: LIMIT, perTrigger: PER_TRIGGER } }
          return answerOf(api.GET('/api/occurrences', { params, signal }))
        },
        refetchOnMount: 'always' as const
      }))
    )
  })

  useTopic(() => 'triggers')
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(
    live.onEvent(({ type }) => {
      if (type !== 'trigger.changed' && type !== 'trigger.deleted') return
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: ['calendar'] })
      }, REREAD_MS)
    })
  )
  onScopeDispose(() => clearTimeout(timer))

  const days = computed(() =>
    dates.value.map((date, i) => {
      const { data } = answers.value[i]!
      return {
        date,
        known: data !== undefined,
        lines: linesOf(data?.items ?? [], data?.more),
        truncated: data?.truncated === true
      }
    })
  )
  const error = computed(() => answers.value.find(answer => answer.error)?.error ?? null)
  const refetch = () => void queries.invalidateQueries({ queryKey: ['calendar'] })
  return { days, zone, error, refetch }
}
