import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

/** What the server says of requests in its own log: of their addresses no query, as tokens and codes stand there. */
export function requestLog(logger: Logger): FastifyBaseLogger {
  return logger.child({}, { serializers: { req: loggedRequest } }) as FastifyBaseLogger
}

function loggedRequest({ method, url, host, ip, socket }: FastifyRequest) {
  return { method, url: url.split('?')[0], host, remoteAddress: ip, remotePort: socket?.remotePort }
}
