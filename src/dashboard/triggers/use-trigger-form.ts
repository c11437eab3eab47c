import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive } from 'vue'
import { answerOf, api } from '../api/client'
import { errorsWithin } from '../api/problem'
import type { Bot, CreateTrigger, Trigger } from '../api/types'
import { useBotNames } from '../composables/bots'
import { fieldsOf, tidied } from '../forms/json-schema'
import { useSaving } from '../forms/use-saving'
import { keys } from '../live/query-feed'
import { changesOf, draftOf, draftProblems, newDraft, suggestedName, triggerOf } from './draft'

/** The state of the form for a new trigger of `kind`, or for `trigger` as it is now. */
export function useTriggerForm(bot: Bot, kind: Trigger['kind'], trigger: Trigger | undefined) {
  const queries = useQueryClient()
  const bots = useBotNames()
  const draft = reactive(trigger ? draftOf(trigger) : newDraft(kind))
  // As its form would have it, so that nothing has changed because it is shown.
  draft.parameters = tidied(fieldsOf(bot.parameters), draft.parameters)

  const suggestion = computed(() => suggestedName(draft, bots.names.value?.get(draft.chain.afterBotId)))
  const form = useSaving({
    draft,
    current: () => triggerOf(draft, bot, draft.name.trim() || suggestion.value),
    problems: tried => (tried ? draftProblems(draft) : []),
    send
  })
  /** Of the parameters, by their paths within these. */
  const parameterErrors = computed(() => errorsWithin(form.refused.value, '/parameters'))

  /** Sends what was changed. */
  async function send(sent: CreateTrigger): Promise<Trigger> {
    const body = trigger ? changesOf(triggerOf(draftOf(trigger), bot, trigger.name), sent) : sent
    if (trigger && Object.keys(body).length === 0) return trigger
    const answer = await (trigger
      ? answerOf(api.PATCH('/api/triggers/{id}', { params: { path: { id: trigger.id } }, body }))
      : answerOf(api.POST('/api/triggers', { body: sent })))
    queries.setQueryData(keys.trigger(answer.id), answer)
    void queries.invalidateQueries({ queryKey: ['triggers', 'list'] })
    return answer
  }

  return { ...form, draft, bot, bots, suggestion, parameterErrors }
}

export type TriggerForm = ReturnType<typeof useTriggerForm>
