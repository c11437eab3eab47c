import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser, openBrowser } from '../support/browser.ts'

t.test('the reference shows every operation under the strict policy, without a complaint', needsBrowser, async t => {
  const app = await buildApp(t)
  const document = (await app.get('/openapi/openapi.json')).body as { paths: Record<string, object> }
  const operations = Object.values(document.paths).flatMap(methods => Object.keys(methods)).length
  const { page, complaints } = await openBrowser(t)

  const response = await page.goto(`${app.url}/docs`)
  await page.getByText('/api/bots', { exact: true }).first().waitFor()

  const policy = response!.headers()['content-security-policy']!
  t.match(policy, /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/)
  t.notMatch(policy, /unsafe|https?:|\*/)
  t.equal(await page.locator('.opblock').count(), operations)
  t.same(complaints, [])
})

t.test('an operation can be tried from the reference', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openBrowser(t)
  await page.goto(`${app.url}/docs`)
  const operation = page.locator('.opblock', { hasText: 'Whether the database takes writes' })
  await operation.locator('.opblock-summary-control').click()
  await operation.getByText('Execute', { exact: true }).click()
  await operation.locator('.live-responses-table', { hasText: 'healthy' }).waitFor()
  t.equal(await operation.locator('.live-responses-table .response-col_status').last().textContent(), '200')
  t.same(complaints, [])
})
