import { useQuery } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** Tokens for programs: one's own, for administrators everybody's. No event tells of them. */
export function useTokens() {
  return useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/tokens', { signal }))).items,
    refetchOnMount: 'always'
  })
}
