import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Execution } from '../api/types'
import { keys } from '../live/query-feed'

/** Who is ahead ends, and another begins. */
const LOOK_MS = 3000

/** An execution that runs, so that another of its bot, or with its key, has to wait; null when none does. */
export function useAhead(waiting: () => Execution) {
  return useQuery({
    queryKey: computed(() => keys.ahead(waiting().id)),
    queryFn: async ({ signal }) => {
      const query = { bot: waiting().botId!, state: 'running', limit: 50 }
      const { items } = await answerOf(api.GET('/api/executions', { params: { query }, signal }))
      return items.filter(({ concurrencyKey }) => concurrencyKey === waiting().concurrencyKey).at(-1) ?? null
    },
    enabled: computed(() => waiting().botId !== null && !waiting().trial && waiting().state === 'queued'),
    refetchInterval: LOOK_MS
  })
}
