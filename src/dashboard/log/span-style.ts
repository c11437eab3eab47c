import type { CSSProperties } from 'vue'
import { type Colour, PLAIN, type Style } from './ansi.ts'

const made = new WeakMap<Style, CSSProperties>()

/** How a span looks, in CSS. */
export function cssOf(style: Style): CSSProperties | undefined {
  if (style === PLAIN) return undefined
  let css = made.get(style)
  if (!css) {
    css = makeCss(style)
    made.set(style, css)
  }
  return css
}

function makeCss(style: Style): CSSProperties {
  const lines = [style.underline && 'underline', style.strike && 'line-through'].filter(Boolean).join(' ')
  return {
    ...colours(style),
    ...(style.bold && { fontWeight: 600 }),
    ...(style.italic && { fontStyle: 'italic' }),
    ...(lines && { textDecorationLine: lines })
  }
}

function colours({ colour, background, inverse, dim }: Style): CSSProperties {
  if (inverse) {
    return {
      color: background === null ? 'var(--sunken)' : asText(background),
      backgroundColor: colour === null ? 'var(--ink)' : asText(colour)
    }
  }
  const onOwn = typeof background === 'string'
  const text = colour === null ? (onOwn ? inkOn(background) : null) : onOwn ? asText(colour) : readable(colour)
  return {
    ...(text !== null && { color: text }),
    // Fainter than this would be hard to read; other colours are left as they are.
    ...(dim && text === null && { color: 'var(--ink-faint)' }),
    ...(background !== null && { backgroundColor: asBackground(background) })
  }
}

const asText = (colour: Colour): string => (typeof colour === 'number' ? `var(--ansi-${colour})` : colour)

/** The sixteen are made to be read on the page's own ground, so behind text they only tint it. */
const asBackground = (colour: Colour): string =>
  typeof colour === 'number' ? `color-mix(in srgb, var(--ansi-${colour}) 16%, var(--sunken))` : colour

/** Any colour as dark, or in the dark as light, as it must be to be read on the page's own ground. */
function readable(colour: Colour): string {
  if (typeof colour === 'number') return asText(colour)
  return `light-dark(oklch(from ${colour} min(l, 0.5) c h), oklch(from ${colour} max(l, 0.7) c h))`
}

/** Black or white, by how bright eyes find the colour (ITU-R BT.601). */
function inkOn(colour: string): string {
  const [r, g, b] = colour.match(/\d+/g)!.map(Number)
  return 0.299 * r! + 0.587 * g! + 0.114 * b! > 140 ? 'black' : 'white'
}
