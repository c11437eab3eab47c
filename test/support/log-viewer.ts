import type { Locator, Page } from 'playwright-core'
import { sees } from './dashboard.ts'
import { eventually } from './wait.ts'

/** A row as it is shown: the number of its line and the line's text. */
export type Row = [line: number, text: string]

/** The lines of the log on a page. */
export const linesOf = (page: Page): Locator => page.getByRole('log')

/** The number of a line, which is a link to it. */
export const numberOf = (page: Page, line: number): Locator =>
  linesOf(page).getByRole('link', { name: String(line), exact: true })

/** The rows that the page holds at the moment, from the top down. */
export function rowsOf(page: Page): Promise<Row[]> {
  return linesOf(page).evaluate(region => {
    const numbers: { textContent: string; parentElement: { textContent: string } }[] = [
      ...region.querySelectorAll('a[href^="#L"]')
    ]
    return numbers.map(({ textContent, parentElement }): [number, string] => [
      Number(textContent),
      parentElement.textContent.slice(textContent.length).trim()
    ])
  })
}

/** Whether an element lies in the part of the log that can be seen. */
export async function isInView(page: Page, what: Locator): Promise<boolean> {
  if ((await what.count()) === 0) return false
  const [inner, outer] = [await what.first().boundingBox(), await linesOf(page).boundingBox()]
  return Boolean(inner && outer && inner.y >= outer.y - 1 && inner.y + inner.height <= outer.y + outer.height + 1)
}

/** Waits until an element can be seen in the log. */
export async function comesIntoView(page: Page, what: Locator): Promise<void> {
  await sees(what)
  await eventually(`${what} in view`, () => isInView(page, what))
}

/** Waits until the log shows a line as late as this one, or a later one. */
export async function comesTo(page: Page, line: number): Promise<void> {
  await eventually(`line ${line} or a later one`, async () => ((await rowsOf(page)).at(-1)?.[0] ?? 0) >= line)
}

/** All lines of a log of `count` lines, read from its start to its end as a person would. */
export async function readAll(page: Page, count: number): Promise<string[]> {
  const lines = new Map<number, string>()
  await page.getByRole('button', { name: 'To the start' }).click()
  for (let next = 1; next <= count; ) {
    await eventually(`line ${next}`, async () => {
      const rows = await rowsOf(page)
      for (const [line, text] of rows) if (text) lines.set(line, text)
      if (rows.every(([line]) => line < next)) await linesOf(page).press('PageDown')
      if (rows.every(([line]) => line > next)) await linesOf(page).press('PageUp')
      return lines.has(next)
    })
    while (lines.has(next)) next++
  }
  return Array.from({ length: count }, (_, i) => lines.get(i + 1)!)
}
