import { computed } from 'vue'
import type { Trigger } from '../api/types'
import { useServerAddress } from '../machine/use-machine'

/** Where deliveries of a webhook are to be sent. */
export function useWebhookAddress(trigger: () => Trigger) {
  const server = useServerAddress()
  return computed(() => server.value + trigger().webhook!.url)
}
