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

export function useRuleSwitch(rule: () => NotificationRule) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (enabled: boolean) =>
      answerOf(api.PATCH('/api/notification-rules/{id}', { params: { path: { id: rule().id } }, body: { enabled } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.rules })
  })
}

export function useDeleteRule(rule: () => NotificationRule) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/notification-rules/{id}', { params: { path: { id: rule().id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['notices'] })
      return queries.invalidateQueries({ queryKey: keys.rules })
    }
  })
}
