import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { answerOf, api } from '../api/client'
import type { Notice } from '../api/types'
import { keys } from '../live/query-feed'

/** What was sent, waits, was given up or kept quiet: newest first, page by page, live. */
export function useNotices(state: MaybeRefOrGetter<Notice['state'] | undefined>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.notices({ state: toValue(state) })),
    queryFn: ({ pageParam, signal }) => {
      const params = { query: { state: toValue(state), limit: 50, cursor: pageParam ?? undefined } }
      return answerOf(api.GET('/api/notices', { params, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextCursor,
    placeholderData: keepPreviousData
  })
  return { ...query, notices: computed(() => query.data.value?.pages.flatMap(page => page.items)) }
}

/** Sends a notice now. */
export function useRetry(notice: () => Notice) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.POST('/api/notices/{id}/retry', { params: { path: { id: notice().id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['notices'] })
  })
}
