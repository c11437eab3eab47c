import { computed } from 'vue'
import type { Trigger } from '../api/types'
import { useMachine } from '../composables/machine'

/** Where deliveries of a webhook are to be sent: to the server as its settings call it, or else as this page knows it. */
export function useWebhookAddress(trigger: () => Trigger) {
  const { data: machine } = useMachine()
  return computed(() => (machine.value?.publicUrl ?? location.origin) + trigger().webhook!.url)
}
