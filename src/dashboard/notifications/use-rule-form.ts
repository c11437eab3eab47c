import { useQueryClient } from '@tanstack/vue-query'
import { reactive } from 'vue'
import { answerOf, api } from '../api/client'
import type { Channel, NotificationRule } from '../api/types'
import { useSaving } from '../forms/use-saving'
import { keys } from '../live/query-feed'
import { givenRule, ruleDraft, ruleProblems } from './rule-draft'

/** The state of the form for a new rule, or for one that there is. */
export function useRuleForm(rule: NotificationRule | null, channels: Channel[]) {
  const queries = useQueryClient()
  const ids = channels.map(({ id }) => id)
  const draft = reactive(ruleDraft(rule, ids))
  const problems = () =>
    Object.entries(ruleProblems(draft)).flatMap(([field, message]) => (message ? [{ path: `/${field}`, message }] : []))
  const form = useSaving({
    draft,
    current: () => givenRule(draft),
    // Nothing is wrong with what nobody has tried to save yet.
    problems: tried => (tried ? problems() : []),
    send: async body => {
      const saved = await (rule
        ? answerOf(api.PATCH('/api/notification-rules/{id}', { params: { path: { id: rule.id } }, body }))
        : answerOf(api.POST('/api/notification-rules', { body })))
      void queries.invalidateQueries({ queryKey: keys.rules })
      void queries.invalidateQueries({ queryKey: ['notices'] })
      return saved
    }
  })
  return { ...form, draft }
}
