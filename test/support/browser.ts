import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'

const CHROMIUM = '/usr/bin/chromium'
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/**
 * Options for a test that needs a real browser. Without one it is skipped by name on somebody's machine;
 * where everything must run (CI=true) it is not, and fails.
 */
export const needsBrowser: { skip: string | false } = {
  skip: existsSync(CHROMIUM) || process.env.CI === 'true' ? false : `there is no ${CHROMIUM} on this machine`
}

/** A page in a real browser, and everything it complains about. */
export async function openPage(t: Test): Promise<{ page: Page; complaints: string[] }> {
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS })
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(error.message))
  page.on('requestfailed', request => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
  page.on('response', response => {
    if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`)
  })
  await page.exposeFunction('complain', (complaint: string) => complaints.push(complaint))
  // In words, as the code runs over there.
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', event =>
    complain('CSP: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))`)
  return { page, complaints }
}
