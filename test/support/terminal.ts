import type { Locator, Page } from 'playwright-core'
import type { CreateBot } from '../../src/bots/bot.ts'
import type { Execution } from '../../src/executions/execution.ts'
import type { Client } from './client.ts'
import { sees } from './dashboard.ts'
import { eventually } from './wait.ts'

/** A shell that says when it waits for a command. */
export const SHELL = 'export PS1="ready> "; exec /bin/sh -i'

/** Reads all that is typed, byte by byte as it comes, and shows it in a way that can be read. */
export const SHOWS_KEYS = `stty -icanon -echo -isig -icrnl; printf 'ready\\n'; exec cat -vT`

/** What a browser says of a size that came to the server when the bot had just ended. */
export const LATE_SIZE = /409.*\/resize|\/resize: 409/

/** Starts a shell script in a terminal. */
export async function startInTerminal(
  client: Client,
  script: string,
  more: Partial<CreateBot> = {}
): Promise<Execution> {
  return client.start(await client.makeBot(['/bin/sh', '-c', script], { terminal: true, ...more }))
}

/** The terminal on a page, with what stands around it. */
export const terminalOf = (page: Page): Locator => page.getByRole('region', { name: 'Terminal' })

/** Where it takes keys. */
export const keysOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Terminal' })

/** What can be seen on its screen, row by row, without the empty ones at the end. */
export async function screenOf(page: Page): Promise<string[]> {
  const text = await terminalOf(page)
    .locator('.xterm-rows')
    .evaluate((rows: { children: Iterable<{ textContent: string }> }) =>
      [...rows.children].map(row => row.textContent.replaceAll('\u00a0', ' ').trimEnd()).join('\n')
    )
  return text.trimEnd().split('\n')
}

/** Waits until its screen shows `text` in a row. @returns that row */
export async function shows(page: Page, text: string | RegExp): Promise<string> {
  await sees(terminalOf(page))
  let screen: string[] = []
  return eventually(`the terminal to show ${text}`, async () => {
    screen = await screenOf(page)
    return screen.find(row => (typeof text === 'string' ? row.includes(text) : text.test(row)))
  }).catch(error => {
    throw new Error(`${error.message}. It shows:\n${screen.join('\n')}`)
  })
}

/** The size it says it has: columns, rows. */
export async function sizeOf(page: Page): Promise<{ columns: number; rows: number }> {
  const [, columns, rows] = /(\d+) × (\d+)/.exec((await terminalOf(page).textContent())!)!
  return { columns: Number(columns), rows: Number(rows) }
}

/** Puts text on the clipboard, and pastes it where the focus is. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('Control+v')
}
