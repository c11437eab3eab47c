import { type Ref, ref, watch } from 'vue'

/** A second click of a double click comes within this. */
const DOUBLE_CLICK_MS = 700

let ledHereAt = Number.NEGATIVE_INFINITY

/** Somebody is being led from one execution to another by a click. */
export function noteLed(): void {
  ledHereAt = performance.now()
}

/**
 * True for a moment after somebody was led here, and after `what` has changed: a button that has just taken another's place
 * takes no click that was meant for that one.
 */
export function useFresh(what: () => unknown): Ref<boolean> {
  const fresh = ref(performance.now() - ledHereAt < DOUBLE_CLICK_MS)
  const begin = () => {
    fresh.value = true
    setTimeout(() => {
      fresh.value = false
    }, DOUBLE_CLICK_MS)
  }
  if (fresh.value) begin()
  watch(what, begin)
  return fresh
}
