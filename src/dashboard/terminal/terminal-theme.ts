import type { ITheme } from '@xterm/xterm'

const ANSI = [
  ...['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'],
  ...[
    'brightBlack',
    'brightRed',
    'brightGreen',
    'brightYellow',
    'brightBlue',
    'brightMagenta',
    'brightCyan',
    'brightWhite'
  ]
] as (keyof ITheme)[]

/** The dashboard's colours as they are where `element` stands. */
export function themeAt(element: HTMLElement): ITheme {
  const probe = document.createElement('span')
  element.append(probe)
  const token = (name: string) => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const theme = {
    foreground: token('ink'),
    background: token('sunken'),
    cursor: token('ink'),
    cursorAccent: token('sunken'),
    selectionBackground: token('accent'),
    selectionInactiveBackground: token('line-strong'),
    scrollbarSliderBackground: token('line-strong'),
    scrollbarSliderHoverBackground: token('ink-faint'),
    scrollbarSliderActiveBackground: token('ink-faint'),
    ...Object.fromEntries(ANSI.map((name, i) => [name, token(`ansi-${i}`)]))
  }
  probe.remove()
  return theme
}
