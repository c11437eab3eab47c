import type { Terminal } from '@xterm/xterm'
import { onBeforeUnmount, onMounted, type Ref, shallowRef } from 'vue'
import { answerOf, api } from '../api/client'
import { copyText } from '../lib/clipboard'
import { cleanPaste } from './clean-paste'
import { InputQueue } from './input-queue'
import { actionOf, type Scroll } from './key-action'
import { onInput } from './xterm-inside'

const MAC = /Mac|iPhone|iPad/.test(navigator.platform)

/**
 * What is typed and pasted into a terminal, to its bot. `mayAnswer` says whether the terminal may answer what the bot asks it
 * at this moment. `leave` is called by the key that leads out.
 */
export function useInput(
  terminal: Terminal,
  props: { executionId: string; typing: boolean },
  host: Readonly<Ref<HTMLElement | null>>,
  on: { mayAnswer: () => boolean; leave: () => void }
) {
  const path = { id: props.executionId }
  const unsent = shallowRef({ problem: null as unknown, characters: 0 })
  const queue = new InputQueue(
    text => answerOf(api.POST('/api/executions/{id}/input', { params: { path }, body: { text } })),
    () => {
      unsent.value = { problem: queue.problem, characters: queue.waiting }
    }
  )
  const typed = (text: string) => queue.push(text)
  onInput(terminal, typed, answer => {
    if (on.mayAnswer() && queue.problem === null) queue.push(answer)
  })
  // Where the mouse is, as bots of long ago want it told: in bytes, of which those that are no text cannot be sent.
  terminal.onBinary(bytes => {
    if (/^[\0-\x7f]*$/.test(bytes)) queue.push(bytes)
  })

  terminal.attachCustomKeyEventHandler(event => {
    const action = actionOf(event, { typing: props.typing, selection: terminal.hasSelection(), mac: MAC })
    if (action === 'type') return true
    if (action !== 'browser' && event.type === 'keydown') {
      event.preventDefault()
      if (action === 'leave') on.leave()
      else if (action === 'copy') copySelection(terminal)
      else scroll(terminal, action)
    }
    return false
  })

  function paste(event: ClipboardEvent) {
    event.preventDefault()
    event.stopPropagation()
    const text = cleanPaste(event.clipboardData?.getData('text/plain') ?? '')
    if (props.typing && text !== '') terminal.paste(text)
  }

  // In the capturing phase, so that xterm does not get it as it is.
  onMounted(() => host.value!.addEventListener('paste', paste, true))
  onBeforeUnmount(() => queue.close())
  return { queue, unsent }
}

/** What the browser does not let the page copy stays selected. */
function copySelection(terminal: Terminal): void {
  copyText(terminal.getSelection()).then(
    () => terminal.clearSelection(),
    () => {}
  )
}

function scroll(terminal: Terminal, how: Scroll): void {
  if (how === 'line-up' || how === 'line-down') terminal.scrollLines(how === 'line-up' ? -1 : 1)
  else if (how === 'page-up' || how === 'page-down') terminal.scrollPages(how === 'page-up' ? -1 : 1)
  else if (how === 'start') terminal.scrollToTop()
  else terminal.scrollToBottom()
}
