import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import type { Channel } from '../api/types'
import { keys } from '../live/query-feed'

/** The ways to tell somebody something, by name. */
export function useChannels() {
  return useQuery({
    queryKey: keys.channels,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/channels', { signal }))).items
  })
}

/** Sends something through a channel; its answer is what came of it. */
export function useTrial(channel: () => Channel) {
  return useMutation({
    mutationFn: () => answerOf(api.POST('/api/channels/{id}/test', { params: { path: { id: channel().id } } }))
  })
}

/** A way to delete a channel. */
export function useChannelRemoval(channel: () => Channel) {
  const queries = useQueryClient()
  return async () => {
    await answerOf(api.DELETE('/api/channels/{id}', { params: { path: { id: channel().id } } }))
    void queries.invalidateQueries({ queryKey: ['notices'] })
    await queries.invalidateQueries({ queryKey: keys.channels })
  }
}
