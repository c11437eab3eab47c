import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Attempt } from '../api/types'
import { keys } from '../live/query-feed'

/** No event tells of what is measured. */
const WATCH_MS = 4000

/** What was measured of an attempt, oldest first; again and again while it is `live`. */
export function useUsage(id: () => string, attempt: () => Attempt | undefined, live: () => boolean) {
  return useQuery({
    queryKey: computed(() => keys.usage(id(), attempt()?.number ?? 0, live())),
    queryFn: ({ signal }) => {
      const params = { path: { id: id() }, query: { attempt: attempt()!.number } }
      return answerOf(api.GET('/api/executions/{id}/usage', { params, signal }))
    },
    enabled: computed(() => attempt() !== undefined),
    refetchInterval: () => live() && WATCH_MS,
    // The charts stay while the last figures of an attempt that has just ended are read.
    placeholderData: (data, query) => (query?.queryKey[3] === attempt()?.number ? data : undefined)
  })
}
