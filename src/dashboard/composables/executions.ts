import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { answerOf, api } from '../api/client'
import type { Execution } from '../api/types'
import { hasEnded } from '../lib/words'
import { keys } from '../live/query-feed'

/** What a list of executions is narrowed to; lists of states and triggers are separated by commas. */
export interface ExecutionFilter {
  bot?: string | undefined
  state?: string | undefined
  trigger?: string | undefined
  triggerId?: string | undefined
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

/** One execution, as it is now; none for an empty id. */
export function useExecution(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.execution(toValue(id))),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/executions/{id}', { params: { path: { id: toValue(id) } }, signal })),
    enabled: computed(() => toValue(id) !== '')
  })
}

/** Cancels an execution. `ending` is true from the request on until it has ended, whoever made it. */
export function useCancel(execution: MaybeRefOrGetter<Execution | undefined>) {
  const queries = useQueryClient()
  const { mutate, variables, error } = useMutation({
    mutationFn: (id: string) => answerOf(api.POST('/api/executions/{id}/cancel', { params: { path: { id } } })),
    // Refused because it has just ended: then that is what must be shown.
    onError: (_, id) => queries.invalidateQueries({ queryKey: keys.execution(id) })
  })
  const live = computed(() => {
    const now = toValue(execution)
    return now && !hasEnded(now) ? now : null
  })
  return {
    cancel: () => live.value && mutate(live.value.id),
    // Its answer is not taken over: an event may have told of the end before it came.
    ending: computed(() => {
      const asked = variables.value === live.value?.id && !error.value
      const last = live.value?.attempts.at(-1)
      return live.value !== null && (asked || (last?.endedAt === null && last.ending !== null))
    }),
    problem: computed(() => (live.value ? error.value : null))
  }
}
