import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import type { Bot } from '../api/types'
import { keys } from '../live/query-feed'

/** Tokens for programs: one's own, for administrators everybody's. No event tells of them. */
export function useTokens() {
  return useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/tokens', { signal }))).items,
    refetchOnMount: 'always'
  })
}

/** What all bots are called, by id; undefined until that is known. */
export function useBotNames() {
  const query = useQuery({
    queryKey: keys.botNames,
    queryFn: async ({ signal }) => {
      const bots: Pick<Bot, 'id' | 'name'>[] = []
      let cursor: string | undefined
      do {
        const page = await answerOf(api.GET('/api/bots', { params: { query: { limit: 200, cursor } }, signal }))
        bots.push(...page.items.map(({ id, name }) => ({ id, name })))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      return bots
    },
    refetchOnMount: 'always'
  })
  return {
    ...query,
    names: computed(() => query.data.value && new Map(query.data.value.map(({ id, name }) => [id, name])))
  }
}
