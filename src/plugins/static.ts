import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'
import { accessOfPlugins } from './auth.ts'

const PUBLIC = join(import.meta.dirname, '../../public')

/** The files of `public/`, and its page at the addresses it shows. */
export const staticFiles = fp(
  async app => {
    await app.register(async files => {
      await files.register(accessOfPlugins('open'))
      // A route for each file, and none that takes every address: what is not there must stay the API's to refuse.
      await files.register(fastifyStatic, { root: PUBLIC, wildcard: false })
      files.get('/setup', { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'))
    })
  },
  { name: 'static', dependencies: ['auth'] }
)
