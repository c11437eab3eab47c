import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import type { Secret } from '../api/types'
import { session } from '../composables/session'
import { useTopic } from '../composables/topic'
import { keys } from '../live/query-feed'

/** All secrets, by name and without their values; for those who may operate. */
export function useSecrets() {
  // Not a topic of every page, and of none any more when the role has changed: a viewer's whole stream would be refused for it.
  useTopic(() => (session.mayOperate() ? 'secrets' : null))
  return useQuery({
    queryKey: keys.secrets,
    enabled: session.mayOperate,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/secrets', { signal }))).items
  })
}

/** A way to delete a secret. */
export function useSecretRemoval(secret: () => Secret) {
  const queries = useQueryClient()
  return async () => {
    await answerOf(api.DELETE('/api/secrets/{name}', { params: { path: { name: secret().name } } }))
    await queries.invalidateQueries({ queryKey: keys.secrets })
  }
}
