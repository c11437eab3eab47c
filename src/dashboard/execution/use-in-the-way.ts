import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Execution } from '../api/types'
import { keys } from '../live/query-feed'

/** So many executions before one that was skipped are looked at. */
const LOOKED_AT = 50

/** The execution that had not ended when another was skipped for it; null when it is not among the last ones before. */
export function useInTheWay(skipped: () => Execution) {
  return useQuery({
    queryKey: computed(() => keys.inTheWay(skipped().id)),
    queryFn: async ({ signal }) => {
      const { botId, queuedAt } = skipped()
      const query = { bot: botId!, until: queuedAt + 1, limit: LOOKED_AT }
      const { items } = await answerOf(api.GET('/api/executions', { params: { query }, signal }))
      return inTheWayOf(skipped(), items)
    },
    enabled: computed(() => skipped().reason === 'overlap' && skipped().botId !== null)
  })
}

/** Of executions, newest first, the one that kept another from running; null when it is none of them. */
export function inTheWayOf(skipped: Execution, others: Execution[]): Execution | null {
  const ran = others.filter(({ id, state }) => id !== skipped.id && state !== 'skipped')
  const inLane = ran.filter(({ concurrencyKey }) => concurrencyKey === skipped.concurrencyKey)
  return inLane.find(({ endedAt }) => endedAt === null || endedAt >= skipped.queuedAt) ?? null
}
