import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const css = readFileSync(join(import.meta.dirname, '../../src/dashboard/style.css'), 'utf8')

/** The tokens of style.css: name → [light, dark]. */
const tokens = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name!,
    [light!, dark!]
  ])
)

/** WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5]
    .map(i => Number.parseInt(color.slice(i, i + 2), 16) / 255)
    .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** What stands on what, and how much contrast it needs: 4.5 for text, 3 for the edges of controls. */
const surfaces = ['canvas', 'surface', 'raised', 'sunken', 'hover']
const pairs: [string, string[], number][] = [
  ['ink', surfaces, 7],
  ['ink-soft', surfaces, 4.5],
  ['ink-faint', surfaces, 4.5],
  ['accent-ink', [...surfaces, 'accent-wash'], 4.5],
  ['line-strong', ['surface', 'canvas'], 3],
  ...['ok', 'bad', 'busy', 'warn', 'odd', 'rest'].map((tone): [string, string[], number] => [
    tone,
    [...surfaces, `${tone}-wash`],
    4.5
  ]),
  ...Array.from({ length: 16 }, (_, n): [string, string[], number] => [`ansi-${n}`, ['sunken'], 4.5])
]

for (const [index, theme] of ['light', 'dark'].entries()) {
  t.test(`every text can be read on what it stands on, ${theme}`, async t => {
    for (const [text, grounds, least] of pairs) {
      for (const ground of grounds) {
        const ratio = contrast(tokens.get(text)![index]!, tokens.get(ground)![index]!)
        t.ok(ratio >= least, `${text} on ${ground}: ${ratio.toFixed(2)}, at least ${least}`)
      }
    }
    for (const fill of ['accent', 'accent-strong', 'danger']) {
      const ratio = contrast('#ffffff', tokens.get(fill)![index]!)
      t.ok(ratio >= 4.5, `white on ${fill}: ${ratio.toFixed(2)}`)
    }
  })
}
