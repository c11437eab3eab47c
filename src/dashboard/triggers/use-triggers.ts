import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { answerOf, api } from '../api/client'
import type { Trigger } from '../api/types'
import { useTopic } from '../composables/topic'
import { keys } from '../live/query-feed'

/** What makes a bot run by itself, newest first, page by page, live. */
export function useTriggers(botId: MaybeRefOrGetter<string>) {
  useTopic(() => `bot:${toValue(botId)}`)
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.triggers({ bot: toValue(botId) })),
    queryFn: ({ pageParam, signal }) => {
      const params = { query: { bot: toValue(botId), limit: 50, cursor: pageParam ?? undefined } }
      return answerOf(api.GET('/api/triggers', { params, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextCursor,
    placeholderData: keepPreviousData
  })
  return { ...query, triggers: computed(() => query.data.value?.pages.flatMap(page => page.items)) }
}

/** One trigger, live; none for an empty id. */
export function useTrigger(id: MaybeRefOrGetter<string>) {
  const query = useQuery({
    queryKey: computed(() => keys.trigger(toValue(id))),
    queryFn: ({ signal }) => answerOf(api.GET('/api/triggers/{id}', { params: { path: { id: toValue(id) } }, signal })),
    enabled: computed(() => toValue(id) !== '')
  })
  useTopic(() => (query.data.value ? `bot:${query.data.value.botId}` : null))
  return query
}

/** The next slots of a schedule while it is on. */
export function useNextSlots(trigger: () => Trigger, count: number) {
  return useQuery({
    queryKey: computed(() => keys.occurrences(trigger().id, count)),
    queryFn: async ({ signal }) => {
      const params = { path: { id: trigger().id }, query: { count } }
      return (await answerOf(api.GET('/api/triggers/{id}/occurrences', { params, signal }))).items
    },
    enabled: computed(() => trigger().kind === 'schedule'),
    placeholderData: keepPreviousData
  })
}

/** As many of its last slots are shown. */
const LAST = 20

/** What became of the last slots of a schedule, the latest first. */
export function useLastSlots(trigger: () => Trigger) {
  return useQuery({
    queryKey: computed(() => keys.occurrences(trigger().id, -LAST)),
    queryFn: async ({ signal }) => {
      const params = { path: { id: trigger().id }, query: { before: Date.now(), count: LAST } }
      return (await answerOf(api.GET('/api/triggers/{id}/occurrences', { params, signal }))).items
    },
    enabled: computed(() => trigger().kind === 'schedule'),
    placeholderData: keepPreviousData
  })
}

/** Switches a trigger on or off. */
export function useTriggerSwitch(trigger: () => Trigger) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (enabled: boolean) =>
      answerOf(api.PATCH('/api/triggers/{id}', { params: { path: { id: trigger().id } }, body: { enabled } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['triggers'] })
  })
}

/** A way to delete a trigger; `deleted` is called before anything asks for it once more. */
export function useTriggerRemoval(trigger: () => Trigger, deleted: () => void) {
  const queries = useQueryClient()
  return async () => {
    const { id } = trigger()
    await answerOf(api.DELETE('/api/triggers/{id}', { params: { path: { id } } }))
    deleted()
    queries.removeQueries({ queryKey: keys.trigger(id) })
    await queries.invalidateQueries({ queryKey: ['triggers', 'list'] })
  }
}
