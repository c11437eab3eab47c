import { computed, watchEffect } from 'vue'
import { live } from '../live/live'

/** Has a topic in the stream for as long as it is what `topic` says; null for none. */
export function useTopic(topic: () => string | null): void {
  // By its value: what it is made of may be read anew, and that with each beginning of the stream.
  const wanted = computed(topic)
  watchEffect(onCleanup => {
    if (wanted.value) onCleanup(live.want(wanted.value))
  })
}
