import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import type { Token } from '../api/types'
import { keys } from '../live/query-feed'

/** Tokens for programs: one's own, for administrators everybody's. No event tells of them. */
export function useTokens() {
  return useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/tokens', { signal }))).items,
    refetchOnMount: 'always'
  })
}

/** A way to revoke a token. */
export function useTokenRemoval(token: () => Token) {
  const queries = useQueryClient()
  return async () => {
    await answerOf(api.DELETE('/api/tokens/{id}', { params: { path: { id: token().id } } }))
    await queries.invalidateQueries({ queryKey: keys.tokens })
  }
}
