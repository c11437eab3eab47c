import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A request as it arrived. */
export interface Arrived {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface HttpTarget {
  port: number
  /** On this machine by its address. */
  url: string
  /** What has come, oldest first. */
  arrived: Arrived[]
  /** From now on it answers so; it begins with 204. */
  answer: (response: ServerResponse, request: Arrived) => void
}

/** A server that others send to, on this machine. */
export async function startHttpTarget(t: Test, host = '127.0.0.1'): Promise<HttpTarget> {
  const target: HttpTarget = { port: 0, url: '', arrived: [], answer: response => void response.writeHead(204).end() }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const arrived = { method: request.method!, path: request.url!, headers: request.headers, body }
    target.arrived.push(arrived)
    target.answer(response, arrived)
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  target.port = (server.address() as AddressInfo).port
  target.url = `http://${host.includes(':') ? `[${host}]` : host}:${target.port}`
  return target
}
