import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** A phone comes last: whether a page is wider than that is looked at then. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 }
]

/** The rules of axe that look at colours: all that can tell one theme from the other. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

const THEMES = [
  ['light', {}],
  ['dark', { runOnly: OF_COLOURS }]
] as const

/** A script that prints all that a log can show, and fails. */
export const COLOURS = `printf '\\033[1mbold\\033[0m \\033[2mdim\\033[0m \\033[7minverse\\033[0m\\n'
for n in 0 1 2 3 4 5 6 7; do printf "\\033[3\${n}mcolour $n\\033[0m \\033[9\${n}mbright $n\\033[0m\\n"; done
printf '::group::A group\\n::error file=a.c,line=3::an error\\n::warning::a warning\\n::notice::a notice\\n::endgroup::\\n'
printf 'https://example.com/ %s\\n' "$(seq -s ' ' 200)"
exit 3`

interface Violation {
  id: string
  nodes: { html: string; failureSummary: string }[]
}

/** Fails the test for what axe finds on a page as it stands, in both widths, and in both themes; and where it is wider than a phone. */
export async function isAccessible(t: Test, page: Page, name: string): Promise<void> {
  // There, though an open dialog may hide it.
  await page.locator('h1').first().waitFor({ state: 'attached' })
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE)
  for (const size of SIZES) {
    await page.setViewportSize(size)
    // Colours are the same at each width.
    const themes = size === SIZES[0] ? THEMES : THEMES.slice(0, 1)
    for (const [colorScheme, only] of themes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // A terminal hears of it a moment later than the rest of the page.
      await page.evaluate(`(async () => { for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame) })()`)
      const violations = (await page.evaluate(
        `axe.run(${JSON.stringify({ resultTypes: ['violations'], ...only })}).then(({ violations }) => violations)`
      )) as Violation[]
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`)
      )
      t.same(found, [], `${name}, ${size.width} px, ${colorScheme}`)
    }
  }
  const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  t.ok((wide as number) <= 0, `${name}: ${wide} px wider than a phone`)
}
