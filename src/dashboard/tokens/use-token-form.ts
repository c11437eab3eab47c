import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { reactive } from 'vue'
import { answerOf, api } from '../api/client'
import type { Role } from '../api/types'
import { keys } from '../live/query-feed'
import { dayOf, type Expiry, expiresAtOf } from './expiry'

/** The state of the form for a new token. `made` is told its value, which nobody hears again. */
export function useTokenForm(made: (token: { name: string; value: string }) => void) {
  const queries = useQueryClient()
  const draft = reactive({
    name: '',
    role: 'viewer' as Role,
    /** Only some bots, then: those of `bots`. */
    some: false,
    bots: [] as string[],
    expiry: 'quarter' as Expiry,
    date: dayOf(Date.now()),
    password: ''
  })
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const { name, role, some, bots, expiry, date, password } = draft
      const expiresAt = expiresAtOf(expiry, date, Date.now())
      const body = { name, role, bots: some ? bots : null, expiresAt, ...(password && { password }) }
      return answerOf(api.POST('/api/tokens', { body }))
    },
    onSuccess: ({ token, value }) => {
      void queries.invalidateQueries({ queryKey: keys.tokens })
      made({ name: token.name, value })
    }
  })
  return { draft, making: isPending, problem: error, make: () => mutate() }
}
