import { useQuery } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import type { Artifact } from '../api/types'
import { keys } from '../live/query-feed'

/** As much of it as is shown. */
const SHOWN = 64 * 1024

/** The beginning of an artifact as text; `text` is null when it is none. */
export function useArtifactText(executionId: string, attempt: number, { name, bytes, modifiedAt }: Artifact) {
  return useQuery({
    queryKey: keys.artifactText(executionId, attempt, name, modifiedAt),
    queryFn: async ({ signal }) => {
      if (bytes === 0) return { text: '', truncated: false }
      const params = { path: { id: executionId, name }, query: { attempt } }
      const headers = { range: `bytes=0-${SHOWN - 1}` }
      const request = api.GET('/api/executions/{id}/artifacts/{name}', {
        params,
        headers,
        parseAs: 'arrayBuffer',
        signal
      })
      const beginning = (await answerOf(request)) as ArrayBuffer
      // What is cut within a character ends before it.
      const text = new TextDecoder().decode(beginning, { stream: true })
      return { text: text.includes('\0') ? null : text, truncated: bytes > SHOWN }
    }
  })
}
