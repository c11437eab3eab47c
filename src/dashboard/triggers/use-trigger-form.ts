import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { FieldError } from '../../errors.ts'
import { answerOf, api } from '../api/client'
import { ApiProblem } from '../api/problem'
import type { Bot, CreateTrigger, Trigger } from '../api/types'
import { useBotNames } from '../composables/bots'
import { valueAt } from '../forms/draft'
import { fieldsOf, same, tidied } from '../forms/json-schema'
import { keys } from '../live/query-feed'
import { changesOf, draftOf, draftProblems, newDraft, suggestedName, triggerOf } from './draft'

/** The state of the form for a new trigger of `kind`, or for `trigger` as it is now. */
export function useTriggerForm(bot: Bot, kind: Trigger['kind'], trigger: Trigger | undefined) {
  const queries = useQueryClient()
  const { names, data: bots } = useBotNames()
  const draft = reactive(trigger ? draftOf(trigger) : newDraft(kind))
  // As its form would have it, so that nothing has changed because it is shown.
  draft.parameters = tidied(fieldsOf(bot.parameters), draft.parameters)
  const original = JSON.stringify(draft)
  const saving = ref(false)
  const saved = ref(false)
  const tried = ref(false)
  /** Why it was not saved, when it was not. */
  const problem = shallowRef<unknown>(null)
  const refusal = shallowRef<{ errors: FieldError[]; sent: object } | null>(null)

  // It was said of what is being changed now.
  watch(draft, () => {
    problem.value = null
  })

  const suggestion = computed(() => suggestedName(draft, names.value?.get(draft.chain.afterBotId)))
  const current = computed(() => triggerOf(draft, bot, draft.name.trim() || suggestion.value))
  const problems = computed(() => draftProblems(draft))
  const dirty = computed(() => !saved.value && JSON.stringify(draft) !== original)
  /** What the server said holds for as long as what it said it of stands as it was. */
  const refused = computed(() => {
    const { errors = [], sent } = refusal.value ?? {}
    return errors.filter(({ path }) => same(valueAt(sent, path), valueAt(current.value, path)))
  })
  /** Of the parameters, by their paths within these. */
  const parameterErrors = computed(() =>
    (refusal.value?.errors ?? [])
      .filter(({ path }) => `${path}/`.startsWith('/parameters/'))
      .map(({ path, message }) => ({ path: path.slice('/parameters'.length) || '/', message }))
  )

  /** The message for the field at a JSON pointer, or for anything inside of it. */
  function errorAt(path: string): string | undefined {
    const belongs = (error: FieldError) => error.path === path || error.path.startsWith(`${path}/`)
    return ((tried.value && problems.value.find(belongs)) || refused.value.find(belongs))?.message
  }

  /** Saves it. Null when it was refused; its fields say why. */
  async function save(): Promise<Trigger | null> {
    if (saving.value) return null
    tried.value = true
    problem.value = null
    refusal.value = null
    if (problems.value.length > 0) {
      problem.value = new Error('It cannot be saved yet: see the fields marked above.')
      return null
    }
    const sent = current.value
    saving.value = true
    try {
      const answer = await send(sent)
      saved.value = true
      queries.setQueryData(keys.trigger(answer.id), answer)
      void queries.invalidateQueries({ queryKey: ['triggers', 'list'] })
      return answer
    } catch (error) {
      problem.value = error
      refusal.value = { errors: error instanceof ApiProblem ? error.errors : [], sent }
      return null
    } finally {
      saving.value = false
    }
  }

  async function send(sent: CreateTrigger): Promise<Trigger> {
    if (!trigger) return answerOf(api.POST('/api/triggers', { body: sent }))
    const body = changesOf(triggerOf(draftOf(trigger), bot, trigger.name), sent)
    if (Object.keys(body).length === 0) return trigger
    return answerOf(api.PATCH('/api/triggers/{id}', { params: { path: { id: trigger.id } }, body }))
  }

  return { draft, bot, bots, suggestion, current, dirty, saving, problem, problems, parameterErrors, errorAt, save }
}

export type TriggerForm = ReturnType<typeof useTriggerForm>
