import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** What a list of executions is narrowed to; lists of states and triggers are separated by commas. */
export interface ExecutionFilter {
  bot?: string | undefined
  state?: string | undefined
  trigger?: string | undefined
  since?: number | undefined
  until?: number | undefined
}

/** Executions that fit, newest first, page by page. */
export function useExecutions(filter: MaybeRefOrGetter<ExecutionFilter>, limit = 50) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.executions({ ...toValue(filter), limit })),
    queryFn: ({ pageParam, signal }) => {
      const params = { query: { ...toValue(filter), limit, cursor: pageParam ?? undefined } }
      return answerOf(api.GET('/api/executions', { params, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextCursor,
    placeholderData: keepPreviousData
  })
  return { ...query, executions: computed(() => query.data.value?.pages.flatMap(page => page.items)) }
}

/** One execution, as it is now. */
export function useExecution(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.execution(toValue(id))),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/executions/{id}', { params: { path: { id: toValue(id) } }, signal }))
  })
}
