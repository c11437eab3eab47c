/** What a key does that is pressed in a terminal. `browser`: what it does anywhere on a page. */
export type KeyAction = 'type' | 'leave' | 'copy' | 'browser' | Scroll
export type Scroll = 'line-up' | 'line-down' | 'page-up' | 'page-down' | 'start' | 'end'

/** A keyboard event, as far as it matters here. */
interface Key {
  key: string
  ctrlKey: boolean
  shiftKey: boolean
  altKey: boolean
  metaKey: boolean
}

const SCROLLS: Record<string, Scroll> = {
  ArrowUp: 'line-up',
  ArrowDown: 'line-down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'start',
  End: 'end'
}

/**
 * Keys go to the bot, Tab and Escape too, so there must be one that leads out: Ctrl+M, which a terminal cannot tell from Enter,
 * so no bot misses it. Ctrl+C copies what is selected and otherwise goes to the bot, Ctrl+V pastes; a Mac has other keys for both.
 */
export function actionOf(key: Key, terminal: { typing: boolean; selection: boolean; mac: boolean }): KeyAction {
  const { ctrlKey, shiftKey, altKey, metaKey } = key
  const control = ctrlKey && !shiftKey && !altKey && !metaKey ? key.key.toLowerCase() : null
  if (control === 'c' && terminal.selection && !terminal.mac) return 'copy'
  if (!terminal.typing) return (!(ctrlKey || shiftKey || altKey || metaKey) && SCROLLS[key.key]) || 'browser'
  if (control === 'm') return 'leave'
  if (control === 'v' && !terminal.mac) return 'browser'
  return 'type'
}
