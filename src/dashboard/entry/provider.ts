import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** What the provider is called that people can sign in with; null when there is none, or nobody has said so yet. */
export function useProviderName() {
  const { data } = useQuery({
    queryKey: keys.means,
    queryFn: ({ signal }) => answerOf(api.GET('/api/auth/means', { signal }))
  })
  return computed(() => data.value?.provider?.name ?? null)
}
