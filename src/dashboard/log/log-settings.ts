import { type Ref, ref, watch } from 'vue'

/** How logs are shown, remembered by the browser; the same in all viewers of a page. */
export interface LogSettings {
  wrap: Ref<boolean>
  times: Ref<boolean>
}

const NARROW = '(max-width: 639px)'

let settings: LogSettings | undefined

export function useLogSettings(): LogSettings {
  settings ??= { wrap: remembered('log.wrap', matchMedia(NARROW).matches), times: remembered('log.times', false) }
  return settings
}

function remembered(key: string, otherwise: boolean): Ref<boolean> {
  const stored = localStorage.getItem(key)
  const value = ref(stored === null ? otherwise : stored === 'true')
  watch(value, now => localStorage.setItem(key, String(now)))
  return value
}
