import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { answerOf, api } from '../api/client'
import type { Bot, Execution } from '../api/types'
import { keys } from '../live/query-feed'

/** Executions shown of each bot in a list. */
export const LATEST = 12

/** All bots whose name, address, description or tags hold `search`, page by page. */
export function useBots(search: MaybeRefOrGetter<string>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.bots(toValue(search))),
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET('/api/bots', {
          params: { query: { limit: 50, search: toValue(search) || undefined, cursor: pageParam ?? undefined } },
          signal
        })
      ),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextCursor,
    placeholderData: keepPreviousData
  })
  return { ...query, bots: computed(() => query.data.value?.pages.flatMap(page => page.items)) }
}

/** The last executions of each of these bots, newest first; undefined until that is known. */
export function useLatestExecutions(botIds: MaybeRefOrGetter<string[]>) {
  const { data } = useQuery({
    queryKey: computed(() => keys.latest(toValue(botIds))),
    queryFn: async ({ signal }) => {
      const ids = toValue(botIds)
      const pages: Execution[][] = []
      for (let i = 0; i < ids.length; i += 50) {
        const query = { perBot: LATEST, bots: ids.slice(i, i + 50).join(',') }
        pages.push((await answerOf(api.GET('/api/executions/latest', { params: { query }, signal }))).items)
      }
      return pages.flat()
    },
    enabled: computed(() => toValue(botIds).length > 0),
    placeholderData: keepPreviousData
  })
  const byBot = computed(() => data.value && Map.groupBy(data.value, execution => execution.botId))
  return (botId: string): Execution[] | undefined => byBot.value && (byBot.value.get(botId) ?? [])
}

/** One bot, by id or slug; none for an empty one. */
export function useBot(ref: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.bot(toValue(ref))),
    queryFn: ({ signal }) => answerOf(api.GET('/api/bots/{bot}', { params: { path: { bot: toValue(ref) } }, signal })),
    enabled: computed(() => toValue(ref) !== '')
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
