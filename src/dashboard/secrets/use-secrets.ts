import { useQuery } from '@tanstack/vue-query'
import { onScopeDispose } from 'vue'
import { answerOf, api } from '../api/client'
import { live } from '../live/live'
import { keys } from '../live/query-feed'

/** All secrets, by name and without their values; for those who may operate. */
export function useSecrets() {
  // Not a topic of every page: a viewer's whole stream would be refused for it.
  onScopeDispose(live.want('secrets'))
  return useQuery({
    queryKey: keys.secrets,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/secrets', { signal }))).items
  })
}
