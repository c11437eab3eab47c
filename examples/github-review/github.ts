/** A stand-in for GitHub: it has one pull request, and tells of it as GitHub does. */
import { createHmac, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const DIFF = `diff --git a/src/cart.js b/src/cart.js
--- a/src/cart.js
+++ b/src/cart.js
@@ -10,3 +10,5 @@ export function total(cart) {
   let sum = 0
+  debugger
   for (const item of cart.items) sum += item.price * item.count
+  sum -= cart.discount ?? 0
   return sum
`

export interface GitHub {
  url: string
  /** Of the pull request. */
  prUrl: string
  close(): Promise<void>
}

/** Listens on 127.0.0.1; its pull request changes what `diff` says. */
export async function startGitHub(diff: string = DIFF): Promise<GitHub> {
  const server = createServer((request, response) => {
    if (request.url === '/shop/web/pull/7.diff') response.writeHead(200, { 'content-type': 'text/plain' }).end(diff)
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    prUrl: `${url}/shop/web/pull/7`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

/** What GitHub sends when somebody opens a pull request, as far as anybody here reads it. */
export function pullRequest(github: GitHub) {
  return {
    action: 'opened',
    number: 7,
    pull_request: {
      html_url: github.prUrl,
      number: 7,
      title: 'Take the discount off the total',
      draft: false,
      user: { login: 'ada' }
    },
    repository: { html_url: `${github.url}/shop/web` }
  }
}

/** Sends an event to a webhook, signed with what GitHub and it share. */
export function deliver(url: string, secret: string, event: string, payload: unknown): Promise<Response> {
  const body = JSON.stringify(payload)
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    },
    body
  })
}
