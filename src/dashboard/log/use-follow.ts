import { computed, ref, watch } from 'vue'

/** Whether the view stays at the end of the log as it grows, and how much has come since it did not. */
export function useFollow(lineCount: () => number, initially: boolean) {
  const following = ref(initially)
  /** The lines there were when the end was left; null until they are known. */
  const left = ref<number | null>(null)

  function follow() {
    following.value = true
  }

  function letGo() {
    if (!following.value) return
    following.value = false
    left.value = lineCount()
  }

  watch(lineCount, now => {
    left.value ??= now
  })
  const newLines = computed(() => (following.value ? 0 : Math.max(0, lineCount() - (left.value ?? lineCount()))))
  return { following, newLines, follow, letGo }
}
