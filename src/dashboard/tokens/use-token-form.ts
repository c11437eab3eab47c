import { useQueryClient } from '@tanstack/vue-query'
import { reactive, watch } from 'vue'
import { answerOf, api } from '../api/client'
import type { Role } from '../api/types'
import { useSaving } from '../forms/use-saving'
import { keys } from '../live/query-feed'
import { dayOf, type Expiry, expiresAtOf } from './expiry'

/** A new token, as it is shown once. */
export interface MadeToken {
  name: string
  value: string
}

/** The state of the form for a new token. What is saved holds its value, which nobody hears again. */
export function useTokenForm() {
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

  const current = () => {
    const { name, role, some, bots, expiry, date, password } = draft
    const expiresAt = expiresAtOf(expiry, date, Date.now())
    return { name, role, bots: some ? bots : null, expiresAt, ...(password && { password }) }
  }
  const form = useSaving({
    draft,
    current,
    problems: tried =>
      tried && draft.some && draft.bots.length === 0 ? [{ path: '/bots', message: 'Choose at least one bot.' }] : [],
    send: async (body): Promise<MadeToken> => {
      const { token, value } = await answerOf(api.POST('/api/tokens', { body }))
      void queries.invalidateQueries({ queryKey: keys.tokens })
      return { name: token.name, value }
    }
  })
  return { ...form, draft }
}
