import fp from 'fastify-plugin'

/** Smaller answers are taken by the system at once, whoever reads them. */
const LARGE_BYTES = 64 * 1024

/**
 * Lets go of who has asked for something large and takes none of it for `idleMs`: it holds a connection, a file and memory of
 * the system's. Event streams have their own rule, as they may have nothing to say for long.
 */
export const slowReaders = fp<{ idleMs: number }>(
  async (app, { idleMs }) => {
    app.addHook('onSend', async (_request, reply, payload) => {
      const isSmall = payload === null || (typeof payload === 'string' && payload.length < LARGE_BYTES)
      if (!isSmall) reply.raw.setTimeout(idleMs)
    })
  },
  { name: 'slow-readers' }
)
