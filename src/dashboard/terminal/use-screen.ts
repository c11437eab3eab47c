import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue'
import { useTheme } from '../composables/theme'
import { useTerminalSettings } from './terminal-settings'
import { themeAt } from './terminal-theme'
import { openIn } from './xterm-inside'

const FONT_SIZE = 12
const SCROLLBACK_LINES = 5000

/** xterm in the element `host`, as large as that is and in the dashboard's colours. */
export function useScreen(props: { typing: boolean }, host: Readonly<Ref<HTMLElement | null>>, hintId: string) {
  const { screenReader } = useTerminalSettings()
  const terminal = new Terminal({
    disableStdin: !props.typing,
    fontSize: FONT_SIZE,
    logLevel: 'off',
    minimumContrastRatio: 4.5,
    screenReaderMode: screenReader.value,
    scrollback: SCROLLBACK_LINES
  })
  // Of a link whose text is not where it leads, only the text is shown: here as in the log.
  terminal.parser.registerOscHandler(8, () => true)

  const size = shallowRef({ columns: terminal.cols, rows: terminal.rows })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.onResize(({ cols, rows }) => {
    size.value = { columns: cols, rows }
  })
  // While the log is shown instead it has no size.
  const observer = new ResizeObserver(() => host.value && host.value.clientWidth > 0 && fit.fit())

  const paint = () => {
    if (host.value) terminal.options.theme = themeAt(host.value)
  }
  const dark = matchMedia('(prefers-color-scheme: dark)')

  onMounted(() => {
    const element = host.value!
    terminal.options.fontFamily = getComputedStyle(element).fontFamily
    paint()
    openIn(terminal, element)
    terminal.textarea!.setAttribute('aria-label', 'Terminal')
    terminal.textarea!.setAttribute('aria-describedby', hintId)
    observer.observe(element)
    dark.addEventListener('change', paint)
  })
  watch(useTheme(), paint, { flush: 'post' })
  watch(screenReader, on => {
    terminal.options.screenReaderMode = on
  })
  watch(
    () => props.typing,
    typing => {
      terminal.options.disableStdin = !typing
    }
  )
  onBeforeUnmount(() => {
    dark.removeEventListener('change', paint)
    observer.disconnect()
    terminal.dispose()
  })
  return { terminal, size, screenReader }
}
