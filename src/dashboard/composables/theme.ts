import { ref, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

const theme = ref<Theme>((localStorage.getItem('theme') as Theme | null) ?? 'system')

watchEffect(() => {
  const { dataset } = document.documentElement
  if (theme.value === 'system') {
    localStorage.removeItem('theme')
    delete dataset.theme
  } else {
    localStorage.setItem('theme', theme.value)
    dataset.theme = theme.value
  }
})

/** What the reader has chosen; `system` follows the machine's own setting. */
export const useTheme = () => theme
