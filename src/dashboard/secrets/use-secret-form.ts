import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref } from 'vue'
import { nameProblem, valueProblem } from '../../secrets/secret.ts'
import { answerOf, api } from '../api/client'
import { errorsIn } from '../api/problem'
import type { Secret } from '../api/types'
import { keys } from '../live/query-feed'

type Field = 'name' | 'value' | 'description'

/** The state of the form for a new secret, or for another value of `secret`. */
export function useSecretForm(secret: Secret | null, saved: () => void) {
  const queries = useQueryClient()
  const draft = reactive({ name: secret?.name ?? '', value: '', description: secret?.description ?? '' })
  /** Nothing is wrong with what nobody has tried to save yet. */
  const tried = ref(false)

  // Who copies a token takes the end of its line along, which no server takes it with. Of several lines the last has one.
  const value = computed(() => draft.value.replace(/^([^\n]*)\n+$/, '$1'))
  const taken = computed(
    () => !secret && queries.getQueryData<Secret[]>(keys.secrets)?.some(({ name }) => name === draft.name)
  )
  const problems = computed<Partial<Record<Field, string | null>>>(() => ({
    name: taken.value
      ? 'There is a secret of this name: replace that, or choose another name.'
      : nameProblem(draft.name),
    value: valueProblem(value.value)
  }))

  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      answerOf(
        api.PUT('/api/secrets/{name}', {
          params: { path: { name: draft.name } },
          body: { value: value.value, description: draft.description.trim() }
        })
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.secrets })
      saved()
    }
  })

  function errorAt(field: Field): string | undefined {
    return (tried.value && problems.value[field]) || errorsIn(error.value, `/${field}`)[0]?.message || undefined
  }

  /** False when something is wrong with it. */
  function save(): boolean {
    tried.value = true
    if (problems.value.name || problems.value.value) return false
    mutate()
    return true
  }

  return { draft, value, saving: isPending, problem: error, errorAt, save }
}
