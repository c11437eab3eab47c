import { useQueryClient } from '@tanstack/vue-query'
import { reactive } from 'vue'
import { answerOf, api } from '../api/client'
import type { Channel } from '../api/types'
import { useSaving } from '../forms/use-saving'
import { keys } from '../live/query-feed'
import { channelDraft, givenSettings } from './channel-draft'
import type { Setting } from './settings'

/** The state of the form for a new channel, or for one that there is. */
export function useChannelForm(channel: Channel | null) {
  const queries = useQueryClient()
  const draft = reactive(channelDraft(channel))
  const form = useSaving({
    draft,
    current: () => ({ name: draft.name, kind: draft.kind, settings: givenSettings(draft, channel === null) }),
    send: async ({ name, kind, settings }) => {
      const saved = await (channel
        ? answerOf(api.PATCH('/api/channels/{id}', { params: { path: { id: channel.id } }, body: { name, settings } }))
        : answerOf(api.POST('/api/channels', { body: { name, kind, settings } })))
      void queries.invalidateQueries({ queryKey: keys.channels })
      void queries.invalidateQueries({ queryKey: ['notices'] })
      return saved
    }
  })

  /** What the server found wrong with a setting. */
  function settingError({ name, wrong }: Setting): string | undefined {
    const said = form.errorAt(`/settings/${name}`)
    return said?.startsWith('must match') && wrong ? wrong : said
  }

  return { ...form, draft, settingError }
}
