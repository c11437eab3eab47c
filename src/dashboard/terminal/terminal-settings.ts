import { type Ref, ref, watch } from 'vue'

/** How terminals are shown, remembered by the browser; the same in all of a page. */
export interface TerminalSettings {
  /** Whether a screen reader can read it, and hears what is printed; it costs other people speed. */
  screenReader: Ref<boolean>
}

const SCREEN_READER = 'terminal.screen-reader'

let settings: TerminalSettings | undefined

export function useTerminalSettings(): TerminalSettings {
  if (!settings) {
    const screenReader = ref(localStorage.getItem(SCREEN_READER) === 'true')
    watch(screenReader, on => localStorage.setItem(SCREEN_READER, String(on)))
    settings = { screenReader }
  }
  return settings
}
