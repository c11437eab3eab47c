import { ref } from 'vue'
import { answerOf, api } from '../api/client'
import { copyText } from '../lib/clipboard'

/** A link to an artifact for somebody without an account. */
export interface SharedLink {
  url: string
  expiresAt: number
  copied: boolean
}

/** Makes such a link and puts it on the clipboard; where the browser does not let us, it is there to be copied by hand. */
export function useSharing(executionId: string, attempt: number, name: string) {
  const link = ref<SharedLink | null>(null)
  const problem = ref<unknown>(null)
  const making = ref(false)

  async function share() {
    if (making.value) return
    making.value = true
    problem.value = null
    try {
      const params = { path: { id: executionId } }
      const made = await answerOf(api.POST('/api/executions/{id}/artifacts/links', { params, body: { name, attempt } }))
      const copied = await copyText(made.url).then(
        () => true,
        () => false
      )
      link.value = { ...made, copied }
    } catch (error) {
      problem.value = error
    } finally {
      making.value = false
    }
  }

  return { link, problem, making, share }
}
