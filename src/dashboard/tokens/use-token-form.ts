import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { reactive, watch } from 'vue'
import { answerOf, api } from '../api/client'
import type { Role } from '../api/types'
import { keys } from '../live/query-feed'
import { dayOf, type Expiry, expiresAtOf } from './expiry'

/** A new token, as it is shown once; `server` is where it is used. */
export interface MadeToken {
  name: string
  value: string
  server: string
}

/** The state of the form for a new token. `made` is told its value, which nobody hears again. */
export function useTokenForm(made: (token: MadeToken) => void) {
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
  // What an administrator's token may do besides is about no bot.
  watch(
    () => draft.some,
    some => {
      if (some && draft.role === 'admin') draft.role = 'operator'
    }
  )
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const { name, role, some, bots, expiry, date, password } = draft
      const expiresAt = expiresAtOf(expiry, date, Date.now())
      const body = { name, role, bots: some ? bots : null, expiresAt, ...(password && { password }) }
      return answerOf(api.POST('/api/tokens', { body }))
    },
    onSuccess: ({ token, value, server }) => {
      void queries.invalidateQueries({ queryKey: keys.tokens })
      made({ name: token.name, value, server })
    }
  })
  return { draft, making: isPending, problem: error, make: () => mutate() }
}
