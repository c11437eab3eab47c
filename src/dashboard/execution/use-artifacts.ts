import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Attempt } from '../api/types'
import { keys } from '../live/query-feed'

/** No event tells of a file that a bot writes. */
const WATCH_MS = 5000

/** The artifacts of an attempt: read anew when it has ended, and again and again while they are `watched`. */
export function useArtifacts(id: () => string, attempt: () => Attempt | undefined, watched: () => boolean) {
  const number = computed(() => attempt()?.number ?? 0)
  const live = computed(() => attempt()?.endedAt === null)
  return useQuery({
    queryKey: computed(() => keys.artifacts(id(), number.value, live.value)),
    queryFn: ({ signal }) => {
      const params = { path: { id: id() }, query: { attempt: number.value } }
      return answerOf(api.GET('/api/executions/{id}/artifacts', { params, signal }))
    },
    enabled: computed(() => number.value > 0),
    refetchInterval: () => live.value && watched() && WATCH_MS,
    placeholderData: keepPreviousData
  })
}

export type Artifacts = ReturnType<typeof useArtifacts>

/** Where an artifact is downloaded from; null: that of the last attempt. Its slashes stay: they are folders. */
export function artifactAddress(executionId: string, name: string, attempt: number | null): string {
  const path = `/api/executions/${executionId}/artifacts/${name.split('/').map(encodeURIComponent).join('/')}`
  return attempt === null ? path : `${path}?attempt=${attempt}`
}
