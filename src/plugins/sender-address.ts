import { isIP } from 'node:net'
import fp from 'fastify-plugin'

/**
 * Where a proxy names as the sender what is no address, the proxy itself is taken for it, in what is counted and written down.
 * Otherwise whoever comes through one that passes on what it was told could be somebody else with each request. Register it
 * before whatever asks for `request.ip`.
 */
export const senderAddress = fp(
  async app => {
    app.addHook('onRequest', async request => {
      if (isIP(request.ip) === 0) delete request.headers['x-forwarded-for']
    })
  },
  { name: 'sender-address' }
)
