import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** How often what no event tells, the numbers of what runs and waits, is looked at by who asks for it. */
const WATCH_MS = 3000

/** The machine that bots run on; with `watched` also how much runs on it just now. */
export function useMachine({ watched = false } = {}) {
  return useQuery({
    queryKey: keys.machine,
    queryFn: ({ signal }) => answerOf(api.GET('/api/machine', { signal })),
    refetchInterval: watched ? WATCH_MS : false
  })
}

/** Where programs and senders reach the server, without a slash at the end: as its settings say, or else as this page does. */
export function useServerAddress() {
  const { data } = useMachine()
  return computed(() => data.value?.publicUrl ?? location.origin)
}

/** Lets the machine start nothing new, or takes that back. */
export function useDrain() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (enabled: boolean) => answerOf(api.PUT('/api/machine/drain', { body: { enabled } })),
    onSuccess: machine => queries.setQueryData(keys.machine, machine)
  })
}

/** Has a backup made, which goes on when this is answered. */
export function useBackup() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.POST('/admin/backup')),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.machine })
  })
}
