import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import { answerOf, api } from '../api/client'
import type { Delivery } from '../api/types'
import { useTopic } from '../composables/topic'
import { keys } from '../live/query-feed'

/** What was delivered to a webhook, newest first, page by page, live. */
export function useDeliveries(triggerId: MaybeRefOrGetter<string>) {
  useTopic(() => `trigger:${toValue(triggerId)}`)
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.deliveries(toValue(triggerId))),
    queryFn: ({ pageParam, signal }) => {
      const params = { path: { id: toValue(triggerId) }, query: { limit: 50, cursor: pageParam ?? undefined } }
      return answerOf(api.GET('/api/triggers/{id}/deliveries', { params, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextCursor,
    placeholderData: keepPreviousData
  })
  return { ...query, deliveries: computed(() => query.data.value?.pages.flatMap(page => page.items)) }
}

/** One delivery with its headers, for those who may operate. */
export function useDelivery(id: string) {
  return useQuery({
    queryKey: keys.delivery(id),
    queryFn: ({ signal }) => answerOf(api.GET('/api/deliveries/{id}', { params: { path: { id } }, signal }))
  })
}

/** As much of a body as is shown. */
const SHOWN_BYTES = 256 * 1024

/** The body of a delivery as text, or the beginning of it; null when none is kept. */
export function useDeliveryBody(delivery: Delivery) {
  return useQuery({
    queryKey: keys.deliveryBody(delivery.id),
    queryFn: async ({ signal }) => {
      const params = { path: { id: delivery.id } }
      const bytes = await answerOf(api.GET('/api/deliveries/{id}/body', { params, parseAs: 'arrayBuffer', signal }))
      const text = new TextDecoder().decode(bytes.slice(0, SHOWN_BYTES))
      return { text, truncated: bytes.byteLength > SHOWN_BYTES }
    },
    enabled: delivery.bodyBytes > 0 && delivery.repeatOf === null
  })
}

/** Has a delivery start its bot again; its answer says what came of it. */
export function useReplay(delivery: () => Delivery) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.POST('/api/deliveries/{id}/replay', { params: { path: { id: delivery().id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.deliveries(delivery().triggerId) })
  })
}

/** Has all deliveries of a webhook start its bot that came while the automation was off. */
export function useReplayAll(triggerId: () => string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () =>
      answerOf(api.POST('/api/deliveries/replay', { body: { triggerId: triggerId(), verdict: 'automation_off' } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.deliveries(triggerId()) })
  })
}
