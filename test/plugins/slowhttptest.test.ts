/** The attacks of a tool that is made for them. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

/** Where Debian's package puts it. */
const SLOWHTTPTEST = '/usr/bin/slowhttptest'

const needsSlowhttptest = {
  skip: existsSync(SLOWHTTPTEST) || process.env.CI === 'true' ? false : `there is no ${SLOWHTTPTEST} on this machine`
}

const ESCAPES = /\x1b\[[\d;]*[A-Za-z]/g

/**
 * Attacks with 400 connections, until none is left or for so many seconds. Gives back what the tool has said of the server, at
 * which it looks again and again, and how it ended.
 */
async function attack(url: string, seconds: number, ...options: string[]) {
  const child = spawn(SLOWHTTPTEST, [
    '-u',
    url,
    '-l',
    String(seconds),
    '-c',
    '400',
    '-r',
    '200',
    '-p',
    '30',
    ...options
  ])
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  await new Promise(resolve => child.on('close', resolve))
  const text = said.replace(ESCAPES, '')
  return {
    available: [...new Set([...text.matchAll(/service available: +(\w+)/g)].map(([, word]) => word))],
    end: /Exit status: (.+)/.exec(text)?.[1]?.trim() ?? text
  }
}

t.test('slowhttptest finds the server there all the time, and loses its connections', needsSlowhttptest, async t => {
  const server = await startServer(t, join(testFolder(t, { data: {} }), 'data'))
  const [headers, body, read] = await Promise.all([
    attack(`${server.url}/health`, 90, '-H', '-i', '2'),
    attack(`${server.url}/api/auth/refresh`, 90, '-B', '-t', 'POST', '-f', 'application/json', '-s', '8000', '-i', '2'),
    attack(`${server.url}/docs/static/swagger-ui-bundle.js`, 20, '-X', '-w', '1', '-y', '1', '-n', '60', '-z', '1')
  ])
  const lost = { available: ['YES'], end: 'No open connections left' }
  t.strictSame(headers, lost, 'headers that never end')
  t.strictSame(body, lost, 'a body that never ends')
  // What is asked for lies with the system by then, so there is nothing to lose.
  t.strictSame(read.available, ['YES'], 'an answer that is never read')
  t.equal((await server.get('/health')).status, 200)
})
