import { type FunctionalComponent, h } from 'vue'
import type { Span } from './ansi'
import { marked } from './matches'
import { cssOf } from './span-style'

/** The text of a line: plain elements for what has a colour, leads somewhere or was searched for, and else mere text. */
export const LogText: FunctionalComponent<{ spans: Span[]; find: RegExp | null; current: number | null }> = props =>
  marked(props.spans, props.find).map(piece => {
    const style = cssOf(piece.style)
    const found = piece.match === undefined ? undefined : piece.match === props.current ? 'found found-now' : 'found'
    if (piece.href) {
      return h(
        'a',
        { href: piece.href, target: '_blank', rel: 'noopener noreferrer', class: ['address', found], style },
        piece.text
      )
    }
    if (!style && !found) return piece.text
    return h(found ? 'mark' : 'span', { style, class: found }, piece.text)
  })
LogText.props = ['spans', 'find', 'current']
