import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** Whether bots run by themselves; undefined until that is known. */
export function useAutomation() {
  const { data } = useQuery({
    queryKey: keys.automation,
    queryFn: ({ signal }) => answerOf(api.GET('/api/automation', { signal }))
  })
  return computed(() => data.value?.enabled)
}

/** Has bots run by themselves, or none any more. */
export function useAutomationSwitch() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (enabled: boolean) => answerOf(api.PUT('/api/automation', { body: { enabled } })),
    onSuccess: state => queries.setQueryData(keys.automation, state)
  })
}
