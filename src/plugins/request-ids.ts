import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { newId } from '../lib/ids.ts'

/** Ids as proxies and programs make them: UUIDs, hex, names with a number. Nothing that could break a line of a log. */
const WELL_FORMED = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/

/** The id of a request: what its sender calls it in X-Request-ID, if that is well-formed, or a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : newId()
}

/** Says in each answer, streams included, by which id the server's log names the request. Register it first. */
export const requestIds = fp(
  async app => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id)
    })
  },
  { name: 'request-ids' }
)
