import { onBeforeUnmount, onMounted, type Ref, watch } from 'vue'
import { api } from '../api/client'
import { useFeed } from './use-feed'
import { useInput } from './use-input'
import { useScreen } from './use-screen'

/** A window that is dragged wider has many sizes on its way. */
const RESIZE_MS = 150

/**
 * The terminal of an attempt in the element `host`: it shows the log, and sends what is typed. `hintId` is the element that says
 * which key leads out; `leave` is called by it.
 */
export function useTerminal(
  props: { executionId: string; attempt: { number: number }; typing: boolean; fromStart: boolean },
  host: Readonly<Ref<HTMLElement | null>>,
  hintId: string,
  leave: () => void
) {
  /** Of several pages that show it those answer the bot, for the terminal, that somebody has been at since they came into view. */
  let attended = false
  const { terminal, size, screenReader } = useScreen(props, host, hintId)
  const { feed, state, leftOut, printedAt, showsPast } = useFeed(terminal, props)
  const { queue, unsent } = useInput(terminal, props, host, { mayAnswer: () => attended && !showsPast(), leave })

  let sizing: ReturnType<typeof setTimeout> | undefined
  function sendSize() {
    clearTimeout(sizing)
    sizing = setTimeout(() => {
      const params = { path: { id: props.executionId } }
      // One that does not arrive is sent again when the connection is back, or somebody comes to type.
      if (props.typing) void api.POST('/api/executions/{id}/resize', { params, body: size.value }).catch(() => {})
    }, RESIZE_MS)
  }
  watch(size, sendSize)
  watch(state, now => now === 'on' && sendSize())

  function attend() {
    attended = true
    sendSize()
  }
  const neglect = () => {
    attended = attended && !document.hidden
  }

  onMounted(() => {
    // In the capturing phase: a terminal may tell the bot of the focus, and does so right after.
    host.value!.addEventListener('focus', attend, true)
    document.addEventListener('visibilitychange', neglect)
    // On a page that has just been opened nobody is at anything else.
    if (props.typing && document.activeElement === document.body) terminal.focus()
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', neglect)
    clearTimeout(sizing)
  })
  return { terminal, size, screenReader, feed, state, leftOut, printedAt, queue, unsent }
}
