import { useQueryClient } from '@tanstack/vue-query'
import { ref } from 'vue'
import { useRouter } from 'vue-router'
import { answerOf, api } from '../api/client'
import type { Bot, Execution } from '../api/types'
import { fieldsOf } from '../forms/json-schema'
import { learnStarted } from '../live/query-feed'

/** Starts a bot by its id. @throws ApiProblem, with what is wrong with each parameter in its `errors` */
export function startBot(bot: string, parameters: Record<string, unknown>): Promise<Execution> {
  return answerOf(api.POST('/api/bots/{bot}/executions', { params: { path: { bot } }, body: { parameters } }))
}

/** Running a bot by a click: at once, or after `asking` for its parameters. Then its execution is shown. */
export function useRunBot() {
  const router = useRouter()
  const queries = useQueryClient()
  const busy = ref(false)
  const asking = ref(false)
  const problem = ref<unknown>(null)

  async function runBot(bot: Bot): Promise<void> {
    problem.value = null
    if (fieldsOf(bot.parameters).length > 0) {
      asking.value = true
      return
    }
    busy.value = true
    try {
      await show(await startBot(bot.id, {}))
    } catch (error) {
      problem.value = error
    } finally {
      busy.value = false
    }
  }

  async function show(execution: Execution): Promise<void> {
    asking.value = false
    learnStarted(queries, execution)
    await router.push(`/executions/${execution.id}`)
  }

  return { runBot, show, busy, asking, problem }
}
