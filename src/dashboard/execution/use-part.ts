import { computed } from 'vue'
import { useRoute } from 'vue-router'

const PARTS = ['log', 'results', 'resources'] as const
export type Part = (typeof PARTS)[number]

/** Which part of an execution is shown, by the address. */
export function usePart() {
  const route = useRoute()
  return computed<Part>(() => PARTS.find(part => part === route.query.show) ?? 'log')
}
