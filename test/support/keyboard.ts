import type { Locator, Page } from 'playwright-core'
import { styleOf } from './dashboard.ts'

const MOST_STOPS = 60

/** Whether an element has the focus. */
export const isFocused = (what: Locator): Promise<boolean> =>
  what.first().evaluate(element => element.ownerDocument.activeElement === element)

/** Goes on with the Tab key until `what` has the focus. @throws when it is not reached, or where one cannot see the focus. */
export async function tabTo(page: Page, what: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press(key)
    const focused = page.locator(':focus')
    const seen = (await focused.count()) === 0 || (await isMarked(focused))
    if (!seen)
      throw new Error(
        `nobody sees that this has the focus: ${await focused.evaluate(element => element.outerHTML.slice(0, 300))}`
      )
    if ((await what.count()) > 0 && (await isFocused(what))) return
  }
  throw new Error(`${what} is not reached by the Tab key`)
}

/** Whether the focus shows: an outline around the element, or around what stands for it, a label or the frame of a log. */
async function isMarked(focused: Locator): Promise<boolean> {
  for (const element of [
    focused,
    focused.locator('xpath=ancestor::label'),
    focused.locator('xpath=ancestor::section[1]')
  ]) {
    if ((await element.count()) > 0 && (await styleOf(element, 'outlineStyle')) !== 'none') return true
  }
  return false
}
