import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import type { NotificationRule } from '../api/types'
import { keys } from '../live/query-feed'

/** Who is told of what, by name. */
export function useRules() {
  return useQuery({
    queryKey: keys.rules,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/notification-rules', { signal }))).items
  })
}

/** Switches a rule on or off. */
export function useRuleSwitch(rule: () => NotificationRule) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (enabled: boolean) =>
      answerOf(api.PATCH('/api/notification-rules/{id}', { params: { path: { id: rule().id } }, body: { enabled } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.rules })
  })
}

/** A way to delete a rule. */
export function useRuleRemoval(rule: () => NotificationRule) {
  const queries = useQueryClient()
  return async () => {
    await answerOf(api.DELETE('/api/notification-rules/{id}', { params: { path: { id: rule().id } } }))
    void queries.invalidateQueries({ queryKey: ['notices'] })
    await queries.invalidateQueries({ queryKey: keys.rules })
  }
}
