/** One of the sixteen colours of a terminal by its number, or any other as CSS has it. */
export type Colour = number | string

/** How text looks. Never changed: what differs is another object. */
export interface Style {
  readonly colour: Colour | null
  readonly background: Colour | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly inverse: boolean
  readonly strike: boolean
}

export interface Span {
  text: string
  style: Style
  /** An http or https address that the text is. */
  href?: string
}

export const PLAIN: Style = {
  colour: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false
}

/** What is not shown as it stands: the C0 and C1 controls but the tab, and the two that break a line within a line. */
const SPECIAL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/

/**
 * One special thing (ECMA-48): a control sequence with its parameters and last letter, a string up to its terminator
 * (titles, links, pictures), an escape with its letters, or a lone character. A sequence that breaks off, as at the end of
 * a line that was cut, goes as far as it came; of a string that never ends only the beginning goes, rather than the line.
 */
const SEQUENCE =
  /(?:\x1b\[|\x9b)([\x30-\x3f]*)([\x20-\x2f]*)([\x40-\x7e]?)|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])(?:[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c))?|\x1b[\x20-\x2f]*[\x30-\x7e]?|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029]/g

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\\^{|}]+/gi

/** What a line shows, and the style that the next begins with. `text` has no line break. */
export function tokenize(text: string, style: Style): { spans: Span[]; style: Style } {
  if (!SPECIAL.test(text)) return { spans: text ? linked({ text, style }) : [], style }
  let spans: Span[] = []
  let returned = false
  let from = 0
  const add = (to: number) => {
    if (to === from) return
    // Behind a carriage return a terminal writes over what stands there: a progress bar.
    if (returned) spans = []
    returned = false
    const last = spans.at(-1)
    const piece = text.slice(from, to)
    if (last?.style === style) last.text += piece
    else spans.push({ text: piece, style })
  }
  for (const match of text.matchAll(SEQUENCE)) {
    add(match.index)
    from = match.index + match[0].length
    const [sequence, parameters, intermediates, final] = match
    if (sequence === '\r') returned = true
    else if (final === 'm' && !intermediates && !/^[<=>?]/.test(parameters!)) style = restyle(style, parameters!)
  }
  add(text.length)
  return { spans: spans.flatMap(linked), style }
}

/** What a line reads without its colours. */
export function plainText(text: string): string {
  if (!SPECIAL.test(text)) return text
  return tokenize(text, PLAIN)
    .spans.map(span => span.text)
    .join('')
}

/** Applies the parameters of "select graphic rendition" (ECMA-48, 8.3.117, and the colours of ISO 8613-6). */
function restyle(before: Style, parameters: string): Style {
  let style = before
  const codes = parameters.split(';')
  for (let i = 0; i < codes.length; i++) {
    const [code, ...parts] = codes[i]!.split(':').map(Number)
    if (code === 38 || code === 48 || code === 58) {
      const colon = parts.length > 0
      const rest = colon ? parts : codes.slice(i + 1, i + 5).map(Number)
      const { colour, used } = colourOf(rest, colon)
      if (!colon) i += used
      if (colour !== null && code !== 58) style = { ...style, [code === 38 ? 'colour' : 'background']: colour }
    } else if (code === 0) style = PLAIN
    else style = { ...style, ...changeBy(code!, parts[0]) }
  }
  return isSame(style, before) ? before : style
}

function changeBy(code: number, part: number | undefined): Partial<Style> {
  switch (code) {
    case 1:
      return { bold: true }
    case 2:
      return { dim: true }
    case 3:
      return { italic: true }
    case 4:
      return { underline: part !== 0 }
    case 7:
      return { inverse: true }
    case 9:
      return { strike: true }
    case 21:
      return { underline: true }
    case 22:
      return { bold: false, dim: false }
    case 23:
      return { italic: false }
    case 24:
      return { underline: false }
    case 27:
      return { inverse: false }
    case 29:
      return { strike: false }
    case 39:
      return { colour: null }
    case 49:
      return { background: null }
  }
  if (code >= 30 && code <= 37) return { colour: code - 30 }
  if (code >= 40 && code <= 47) return { background: code - 40 }
  if (code >= 90 && code <= 97) return { colour: code - 82 }
  if (code >= 100 && code <= 107) return { background: code - 92 }
  return {}
}

/** The colour that follows 38 or 48, and how many parameters it takes. With colons a colour space may stand before it. */
function colourOf([kind, ...values]: number[], colon: boolean): { colour: Colour | null; used: number } {
  if (kind === 5) return { colour: isByte(values[0]) ? indexed(values[0]) : null, used: 2 }
  if (kind !== 2) return { colour: null, used: 1 }
  const [r, g, b] = colon && values.length > 3 ? values.slice(1) : values
  const valid = isByte(r) && isByte(g) && isByte(b)
  return { colour: valid ? `rgb(${r}, ${g}, ${b})` : null, used: 4 }
}

/** xterm's 256: the sixteen, a cube of 6 × 6 × 6, and 24 greys. */
function indexed(index: number): Colour {
  if (index < 16) return index
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey}, ${grey}, ${grey})`
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const cube = index - 16
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`
}

const isByte = (value: number | undefined): value is number => Number.isInteger(value) && value! >= 0 && value! <= 255

function isSame(a: Style, b: Style): boolean {
  return (Object.keys(PLAIN) as (keyof Style)[]).every(key => a[key] === b[key])
}

/** Takes the addresses in a span out into spans of their own. */
function linked(span: Span): Span[] {
  if (!span.text.includes('://')) return [span]
  const spans: Span[] = []
  let from = 0
  for (const match of span.text.matchAll(ADDRESS)) {
    const href = withoutTail(match[0])
    if (!URL.canParse(href)) continue
    if (match.index > from) spans.push({ text: span.text.slice(from, match.index), style: span.style })
    spans.push({ text: href, style: span.style, href })
    from = match.index + href.length
  }
  if (from < span.text.length) spans.push({ text: span.text.slice(from), style: span.style })
  return spans
}

/** Without the punctuation of the sentence an address stands in, and the brackets that were opened before it. */
function withoutTail(address: string): string {
  const surplus: Record<string, number> = {
    ')': count(address, ')') - count(address, '('),
    ']': count(address, ']') - count(address, '[')
  }
  let end = address.length
  for (; end > 0; end--) {
    const last = address[end - 1]!
    if ('.,;:!?*'.includes(last)) continue
    if (!(surplus[last]! > 0)) break
    surplus[last]!--
  }
  return address.slice(0, end)
}

const count = (text: string, character: string): number => text.split(character).length - 1
