/** The page of an execution that has printed 100 MB and prints on, in a real browser: how soon its end is seen, and how smoothly it scrolls. */
import { setTimeout as delay } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { requireBuild } from '../test/support/build.ts'
import { launchOptions } from '../test/support/chromium.ts'
import { ADMIN } from '../test/support/client.ts'
import { type Bench, median, type Row } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const LINES = 1_000_000
const OPENINGS = 7
const BOT = `seq -f 'line %09.0f of a log that is long, in words enough to make each of its lines a hundred bytes in length!' ${LINES}
  while :; do sleep 0.018; echo "one more line at $EPOCHREALTIME"; done`

/** In words, as it runs in the page: when the first line stands in a frame that was drawn, and how long frames take. */
const WATCH = `
  const seen = new MutationObserver(() => {
    if (!document.querySelector('[role=log] .log-text')) return
    seen.disconnect()
    requestAnimationFrame(() => setTimeout(() => { window.seenAt = performance.now() }))
  })
  seen.observe(document, { childList: true, subtree: true })
  window.frames = []
  let last = performance.now()
  const tick = now => {
    window.frames.push(now - last)
    last = now
    requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)`

const bench: Bench = () => {
  requireBuild()
  return withServer(async server => {
    const bot = await server.makeBot(['/bin/bash', '-c', BOT], { timeoutMs: 60_000 })
    const { id } = await server.start(bot)
    await printed(server, id)
    const browser = await chromium.launch(launchOptions)
    try {
      const page = await browser.newPage({ baseURL: server.url, viewport: { width: 1280, height: 800 } })
      await page.request.post('/api/auth/login', { data: ADMIN })
      await page.addInitScript(WATCH)
      const openings: number[] = []
      for (let i = 0; i < OPENINGS; i++) openings.push(await open(page, id))
      return [
        { what: 'a live log of 100 MB, until its end is seen', ours: median(openings), unit: 'ms', target: 700 },
        ...(await scroll(page))
      ]
    } finally {
      await browser.close()
      await server.post(`/api/executions/${id}/cancel`)
    }
  })
}

async function printed(server: BenchServer, id: string): Promise<void> {
  for (;;) {
    const { status, body } = await server.get(`/api/executions/${id}/log?tail=1`)
    if (status === 200 && body.lineCount > LINES) return
    await delay(50)
  }
}

/** From the navigation on, in milliseconds. */
async function open(page: Page, id: string): Promise<number> {
  await page.goto('about:blank')
  await page.goto(`/executions/${id}`)
  for (;;) {
    const seenAt = await page.evaluate<number | undefined>('window.seenAt')
    if (seenAt) return seenAt
    await delay(10)
  }
}

/** The longest frame of each way to scroll. What the machine itself takes shows while the page only follows the log. */
async function scroll(page: Page): Promise<Row[]> {
  const log = page.getByRole('log')
  await delay(1000)
  const following = await worstFrame(page, () => delay(3000))
  const baseline = { what: 'nobody scrolls, 50 lines/s come', value: following }
  await log.hover()
  const ways: [string, () => Promise<void>][] = [
    ['the wheel', () => repeat(150, 16, () => page.mouse.wheel(0, -240))],
    ['the scrollbar', () => repeat(150, 16, i => dragTo(page, 0.5 + 0.4 * Math.sin(i / 20)))],
    ['PageDown', () => repeat(60, 50, () => log.press('PageDown'))]
  ]
  const rows: Row[] = []
  for (const [name, way] of ways) {
    const ours = await worstFrame(page, way)
    rows.push({ what: `longest frame while scrolling with ${name}`, ours, unit: 'ms', target: 50, baseline })
  }
  return rows
}

async function worstFrame(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate('window.frames.length = 0')
  await work()
  return page.evaluate<number>('Math.max(...window.frames)')
}

async function repeat(times: number, everyMs: number, work: (i: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < times; i++) {
    await work(i)
    await delay(everyMs)
  }
}

/** What a dragged scrollbar does, which no headless browser has. */
function dragTo(page: Page, share: number): Promise<void> {
  return page.evaluate(`{
    const region = document.querySelector('[role=log]')
    region.scrollTop = region.scrollHeight * ${share}
  }`)
}

export default bench
