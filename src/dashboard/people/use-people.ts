import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { answerOf, api } from '../api/client'
import { keys } from '../live/query-feed'

/** All people, by address; for administrators. No event tells of them: whoever comes here reads them anew. */
export function usePeople() {
  return useQuery({
    queryKey: keys.people,
    queryFn: async ({ signal }) => (await answerOf(api.GET('/admin/users', { signal }))).items,
    refetchOnMount: 'always'
  })
}

/** Something that is done about people, after which they are read anew. */
export function usePeopleChange<Result>(change: () => Promise<Result>, done: (result: Result) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: result => {
      void queries.invalidateQueries({ queryKey: keys.people })
      done(result)
    }
  })
}

/** A link by which somebody chooses his password, as it is shown once. */
export interface HandedOver {
  email: string
  link: { url: string; expiresAt: number }
}
