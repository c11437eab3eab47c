import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Execution } from '../api/types'
import { hasEnded } from '../lib/words'
import { keys } from '../live/query-feed'

/** No event tells of a file that a bot writes. */
const WATCH_MS = 5000

/** The artifacts of an execution: read anew when an attempt begins or ends, and again and again while they are `watched`. */
export function useArtifacts(execution: () => Execution | undefined, watched: () => boolean) {
  const id = computed(() => (execution()?.attempts.length ? execution()!.id : ''))
  const live = computed(() => execution() !== undefined && !hasEnded(execution()!))
  return useQuery({
    queryKey: computed(() => keys.artifacts(id.value, execution()?.attempts.length ?? 0, live.value)),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/executions/{id}/artifacts', { params: { path: { id: id.value } }, signal })),
    enabled: computed(() => id.value !== ''),
    refetchInterval: () => live.value && watched() && WATCH_MS,
    placeholderData: keepPreviousData
  })
}

export type Artifacts = ReturnType<typeof useArtifacts>

/** Where an artifact is downloaded from. Its slashes stay: they are folders. */
export function artifactAddress(executionId: string, name: string): string {
  return `/api/executions/${executionId}/artifacts/${name.split('/').map(encodeURIComponent).join('/')}`
}
