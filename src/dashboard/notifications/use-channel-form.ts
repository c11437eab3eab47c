import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { reactive } from 'vue'
import { answerOf, api } from '../api/client'
import { errorOf } from '../api/problem'
import type { Channel } from '../api/types'
import { keys } from '../live/query-feed'
import { channelDraft, givenSettings } from './channel-draft'
import type { Setting } from './settings'

/** The state of the form for a new channel, or for one that there is. */
export function useChannelForm(channel: Channel | null, saved: () => void) {
  const queries = useQueryClient()
  const draft = reactive(channelDraft(channel))
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => {
      const { name, kind } = draft
      const settings = givenSettings(draft, channel === null)
      return channel
        ? answerOf(api.PATCH('/api/channels/{id}', { params: { path: { id: channel.id } }, body: { name, settings } }))
        : answerOf(api.POST('/api/channels', { body: { name, kind, settings } }))
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.channels })
      void queries.invalidateQueries({ queryKey: ['notices'] })
      saved()
    }
  })

  /** What the server found wrong with a setting. */
  function errorAt({ name, wrong }: Setting): string | undefined {
    const said = errorOf(error.value, `settings/${name}`)
    return said?.startsWith('must match') && wrong ? wrong : said
  }

  return { draft, saving: isPending, problem: error, reset, errorAt, save: () => mutate() }
}
