import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref } from 'vue'
import { answerOf, api } from '../api/client'
import { errorOf } from '../api/problem'
import type { Channel, NotificationRule } from '../api/types'
import { keys } from '../live/query-feed'
import { givenRule, type RuleField, ruleDraft, ruleProblems } from './rule-draft'

/** The state of the form for a new rule, or for one that there is. */
export function useRuleForm(rule: NotificationRule | null, channels: Channel[], saved: () => void) {
  const queries = useQueryClient()
  const ids = channels.map(({ id }) => id)
  const draft = reactive(ruleDraft(rule, ids))
  /** Nothing is wrong with what nobody has tried to save yet. */
  const tried = ref(false)
  const problems = computed(() => ruleProblems(draft))

  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const body = givenRule(draft)
      return rule
        ? answerOf(api.PATCH('/api/notification-rules/{id}', { params: { path: { id: rule.id } }, body }))
        : answerOf(api.POST('/api/notification-rules', { body }))
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.rules })
      void queries.invalidateQueries({ queryKey: ['notices'] })
      saved()
    }
  })

  function errorAt(field: RuleField | 'name' | 'bot'): string | undefined {
    const own = field === 'name' || field === 'bot' ? null : problems.value[field]
    return (tried.value && own) || errorOf(error.value, field)
  }

  /** False when something is wrong with it. */
  function save(): boolean {
    tried.value = true
    if (Object.values(problems.value).some(Boolean)) return false
    mutate()
    return true
  }

  return { draft, saving: isPending, problem: error, errorAt, save }
}
