import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** The sessions of a user, or with null one's own, newest first; and ways to end them. Of one's own the one that asks stays. */
export function useSessions(userId: string | null) {
  const queries = useQueryClient()
  const reread = () => queries.invalidateQueries({ queryKey: keys.sessions(userId) })
  const path = (id: string) => ({ params: { path: { id } } })

  const list = useQuery({
    queryKey: keys.sessions(userId),
    queryFn: async ({ signal }) =>
      (userId === null
        ? await answerOf(api.GET('/api/auth/sessions', { signal }))
        : await answerOf(api.GET('/admin/users/{id}/sessions', { ...path(userId), signal }))
      ).items,
    refetchOnMount: 'always'
  })
  const end = useMutation({
    mutationFn: (id: string) =>
      userId === null
        ? answerOf(api.DELETE('/api/auth/sessions/{id}', path(id)))
        : answerOf(
            api.DELETE('/admin/users/{id}/sessions/{session}', { params: { path: { id: userId, session: id } } })
          ),
    // Also when it has ended meanwhile.
    onSettled: reread
  })
  const endAll = useMutation({
    mutationFn: () =>
      userId === null
        ? answerOf(api.DELETE('/api/auth/sessions'))
        : answerOf(api.DELETE('/admin/users/{id}/sessions', path(userId))),
    onSuccess: reread
  })
  return { list, end, endAll }
}
