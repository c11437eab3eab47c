import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Schedule } from '../api/types'
import { useDebounced } from '../composables/debounced'
import { keys } from '../live/query-feed'

const REST_MS = 300
const SHOWN = 5

/** What the server says a schedule comes to, once its form has rested for a moment, by the clocks it was asked for; null: it cannot be asked about yet. */
export function usePreview(schedule: () => Schedule | null) {
  const settled = useDebounced(() => JSON.stringify(schedule()), REST_MS)
  return useQuery({
    queryKey: computed(() => keys.preview(settled.value)),
    queryFn: async ({ signal }) => {
      const schedule = JSON.parse(settled.value) as Schedule
      const answer = await answerOf(api.POST('/api/triggers/preview', { body: { schedule, count: SHOWN }, signal }))
      return { ...answer, zone: schedule.timezone }
    },
    enabled: computed(() => settled.value !== 'null'),
    placeholderData: keepPreviousData,
    // Its times pass.
    staleTime: 0,
    gcTime: 0
  })
}
