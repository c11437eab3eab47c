import { computed, ref, watch } from 'vue'
import { copyText } from '../lib/clipboard'

/** Puts a text on the clipboard, and knows whether it is there: `said` is that in words, empty before anybody tried. */
export function useCopy(text: () => string) {
  const state = ref<'' | 'copied' | 'failed'>('')
  const said = computed(() => ({ '': '', copied: 'Copied', failed: 'Not allowed by the browser' })[state.value])

  watch(text, () => {
    state.value = ''
  })

  async function copy() {
    state.value = await copyText(text()).then(
      () => 'copied' as const,
      () => 'failed' as const
    )
  }

  return { state, said, copy }
}
