import { isIP } from 'node:net'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

/** What the server says of requests in its own log: of their addresses no query, as tokens and codes stand there. */
export function requestLog(logger: Logger): FastifyBaseLogger {
  return logger.child({}, { serializers: { req: loggedRequest } }) as FastifyBaseLogger
}

function loggedRequest({ method, url, host, ip, socket }: FastifyRequest) {
  // What a proxy passes on as an address may be any text, and is logged before `sender-address` has looked at it.
  const remoteAddress = isIP(ip) === 0 ? socket?.remoteAddress : ip
  return { method, url: url.split('?')[0], host, remoteAddress, remotePort: socket?.remotePort }
}
