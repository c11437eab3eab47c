import { useQuery } from '@tanstack/vue-query'
import { watchEffect } from 'vue'
import { answerOf, api } from '../api/client'
import { session } from '../composables/session'
import { live } from '../live/live'
import { keys } from '../live/query-feed'

/** All secrets, by name and without their values; for those who may operate. */
export function useSecrets() {
  // Not a topic of every page, and of none any more when the role has changed: a viewer's whole stream would be refused for it.
  watchEffect(onCleanup => {
    if (session.mayOperate()) onCleanup(live.want('secrets'))
  })
  return useQuery({
    queryKey: keys.secrets,
    enabled: session.mayOperate,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/secrets', { signal }))).items
  })
}
