import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive } from 'vue'
import { secretProblems } from '../../secrets/secret.ts'
import { answerOf, api } from '../api/client'
import type { Secret } from '../api/types'
import { useSaving } from '../forms/use-saving'
import { keys } from '../live/query-feed'

/** The state of the form for a new secret, or for another value of `secret`. */
export function useSecretForm(secret: Secret | null) {
  const queries = useQueryClient()
  const draft = reactive({ name: secret?.name ?? '', value: '', description: secret?.description ?? '' })
  // Who copies a token takes the end of its line along, which no server takes it with. Of several lines the last has one.
  const value = computed(() => draft.value.replace(/^([^\n]*)\n+$/, '$1'))
  const taken = computed(
    () => !secret && queries.getQueryData<Secret[]>(keys.secrets)?.some(({ name }) => name === draft.name)
  )

  function problems() {
    const message = 'There is a secret of this name: replace that, or choose another name.'
    return [...(taken.value ? [{ path: '/name', message }] : []), ...secretProblems(draft.name, value.value)]
  }

  const form = useSaving({
    draft,
    current: () => ({ name: draft.name, value: value.value, description: draft.description.trim() }),
    // Nothing is wrong with what nobody has tried to save yet.
    problems: tried => (tried ? problems() : []),
    send: async ({ name, ...body }) => {
      const saved = await answerOf(api.PUT('/api/secrets/{name}', { params: { path: { name } }, body }))
      void queries.invalidateQueries({ queryKey: keys.secrets })
      return saved
    }
  })

  return { ...form, draft, value }
}
