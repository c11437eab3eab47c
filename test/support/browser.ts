import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import tap, { type Test } from 'tap'
import { launchOptions } from './chromium.ts'

/**
 * Options for a test that needs a real browser. Without one it is skipped by name on somebody's machine;
 * where everything must run (CI=true) it is not, and fails.
 */
export const needsBrowser: { skip: string | false } = {
  skip:
    existsSync(launchOptions.executablePath) || process.env.CI === 'true'
      ? false
      : `there is no ${launchOptions.executablePath} on this machine`
}

let running: Promise<Browser> | undefined

/** One browser for the tests of a file: what keeps them apart is a context for each, which shares nothing with another. */
function browserOfThisFile(): Promise<Browser> {
  running ??= chromium.launch(launchOptions).then(browser => {
    tap.teardown(() => browser.close())
    return browser
  })
  return running
}

/**
 * A page in a real browser, and everything it complains about. Nothing on it turns or pulses unless told otherwise: that would
 * have the browser draw sixty times a second.
 */
export async function openBrowser(
  t: Test,
  options: BrowserContextOptions = {}
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await (await browserOfThisFile()).newContext({ reducedMotion: 'reduce', ...options })
  t.teardown(() => context.close())
  const complaints: string[] = []
  context.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`)
  })
  context.on('weberror', error => complaints.push(error.error().message))
  context.on('requestfailed', request => {
    const why = request.failure()?.errorText
    // Given up by the page itself, or by somebody who left it.
    if (why !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${why}`)
  })
  context.on('response', response => {
    if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`)
  })
  await context.exposeFunction('complain', (complaint: string) => complaints.push(complaint))
  // In words, as the code runs over there.
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', event =>
    complain('CSP: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))`)
  return { page: await context.newPage(), context, complaints }
}
