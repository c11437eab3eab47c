import { onScopeDispose, type Ref, ref, watch } from 'vue'

/** Follows `source` once that has rested for `ms`. */
export function useDebounced<T>(source: () => T, ms: number): Readonly<Ref<T>> {
  const settled = ref(source()) as Ref<T>
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(source, value => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      settled.value = value
    }, ms)
  })
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
