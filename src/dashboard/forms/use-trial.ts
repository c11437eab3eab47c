import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import type { FieldError } from '../../errors.ts'
import { answerOf, api } from '../api/client'
import { errorsIn } from '../api/problem'
import type { CreateBot } from '../api/types'
import { hasEnded } from '../lib/words'
import { keys, learnStarted } from '../live/query-feed'

interface Refused {
  bot: FieldError[]
  parameters: FieldError[]
}

/** One run of a bot that is not saved: the last that was begun here. */
export function useTrial() {
  const queries = useQueryClient()
  const id = ref('')
  const starting = ref(false)
  const stopping = ref(false)
  const problem = ref<unknown>(null)

  const { data: execution } = useQuery({
    queryKey: computed(() => keys.execution(id.value)),
    queryFn: ({ signal }) => answerOf(api.GET('/api/executions/{id}', { params: { path: { id: id.value } }, signal })),
    enabled: computed(() => id.value !== '')
  })
  const running = computed(() => execution.value !== undefined && !hasEnded(execution.value))

  /** What the server has against it stands in `problem`, and is answered by where it belongs: the bot, or its parameters. */
  async function start(bot: CreateBot, parameters: Record<string, unknown>): Promise<Refused> {
    starting.value = true
    problem.value = null
    try {
      const begun = await answerOf(api.POST('/api/bots/trials', { body: { bot, parameters } }))
      learnStarted(queries, begun)
      id.value = begun.id
      stopping.value = false
      return { bot: [], parameters: [] }
    } catch (error) {
      problem.value = error
      return { bot: errorsIn(error, '/bot'), parameters: errorsIn(error, '/parameters') }
    } finally {
      starting.value = false
    }
  }

  async function stop(): Promise<void> {
    stopping.value = true
    try {
      await answerOf(api.POST('/api/executions/{id}/cancel', { params: { path: { id: id.value } } }))
    } catch (error) {
      stopping.value = false
      // Refused because it has just ended: then that is what is shown.
      await queries.invalidateQueries({ queryKey: keys.execution(id.value) })
      if (running.value) problem.value = error
    }
  }

  return { execution, running, starting, stopping, problem, start, stop }
}

export type Trial = ReturnType<typeof useTrial>
