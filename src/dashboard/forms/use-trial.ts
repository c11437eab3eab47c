import { useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import type { FieldError } from '../../lib/errors.ts'
import { answerOf, api } from '../api/client'
import { errorsIn } from '../api/problem'
import type { CreateBot } from '../api/types'
import { useExecution } from '../composables/executions'
import { hasEnded } from '../lib/words'
import { learnStarted } from '../live/query-feed'

interface Refused {
  bot: FieldError[]
  parameters: FieldError[]
}

/** One run of a bot that is not saved: the last that was begun here. */
export function useTrial() {
  const queries = useQueryClient()
  const id = ref('')
  const starting = ref(false)
  const problem = ref<unknown>(null)
  /** Whether it reads lines, outside of a terminal. */
  const takesInput = ref(false)

  const { data: execution } = useExecution(id)
  const running = computed(() => execution.value !== undefined && !hasEnded(execution.value))

  /** What the server has against it stands in `problem`, and is answered by where it belongs: the bot, or its parameters. */
  async function start(bot: CreateBot, parameters: Record<string, unknown>): Promise<Refused> {
    starting.value = true
    problem.value = null
    try {
      const begun = await answerOf(api.POST('/api/bots/trials', { body: { bot, parameters } }))
      learnStarted(queries, begun)
      id.value = begun.id
      takesInput.value = bot.input === true && bot.terminal !== true
      return { bot: [], parameters: [] }
    } catch (error) {
      problem.value = error
      return { bot: errorsIn(error, '/bot'), parameters: errorsIn(error, '/parameters') }
    } finally {
      starting.value = false
    }
  }

  return { execution, running, starting, problem, takesInput, start }
}

export type Trial = ReturnType<typeof useTrial>
