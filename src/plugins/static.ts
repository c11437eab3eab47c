import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { addresses } from '../dashboard/addresses.ts'
import { AppError } from '../lib/errors.ts'
import { isApi } from './auth.ts'

/** Where Vite builds the dashboard. */
export const PUBLIC = join(import.meta.dirname, '../../public')

const PAGE = 'index.html'
/** Chosen by Accept-Encoding for the file they are made of; nobody asks for them by name. */
const COMPRESSED = /\.(br|gz)$/

/** The built dashboard: its files, and its page at the addresses it shows. `folder` is absolute. */
export const staticFiles = fp<{ folder: string }>(
  async (app, { folder }) => {
    const assets = join(folder, 'assets') + sep
    await app.register(fastifyStatic, {
      root: folder,
      serve: false,
      preCompressed: true,
      cacheControl: false,
      suppressWarning: true,
      allowedPath: path => ['', '.br', '.gz'].every(form => isNoLink(folder, path + form)),
      setHeaders: (reply, path) => {
        // A file in assets/ has its content's hash in its name, so it never changes; all else is asked for anew.
        reply.header('cache-control', path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache')
      }
    })
    if (!existsSync(join(folder, PAGE))) {
      app.log.warn({ folder }, 'the dashboard is not built; npm ci builds it, and so does npm run build')
    }

    const open = { schema: { hide: true }, config: { access: 'open' } } as const
    for (const address of Object.values(addresses)) app.get(address, open, (_request, reply) => sendPage(folder, reply))
    for (const file of filesIn(folder)) app.get(`/${file}`, open, (_request, reply) => reply.sendFile(file))
    app.get<{ Params: { '*': string } }>('/assets/*', open, (request, reply) => {
      const file = request.params['*']
      return COMPRESSED.test(file) ? reply.callNotFound() : reply.sendFile(`assets/${file}`)
    })

    // An address the dashboard does not know is told so by the dashboard, to who reads pages.
    app.addHook('preHandler', async (request, reply) => {
      if (request.is404 && wantsPage(request) && existsSync(join(folder, PAGE))) return sendPage(folder, reply, 404)
    })
  },
  { name: 'static', dependencies: ['auth'] }
)

/** What lies in the folder itself; `assets/` changes with each build and is looked into when asked. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && !COMPRESSED.test(entry.name))
    .map(entry => entry.name)
}

/** A link may lead anywhere, to the data folder for one. What is not there at all is found out when it is read. */
function isNoLink(folder: string, path: string): boolean {
  try {
    return realpathSync(join(folder, path)) === join(realpathSync(folder), path)
  } catch {
    return true
  }
}

function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !isApi(url) && !url.startsWith('/assets/') && /\btext\/html\b/.test(headers.accept ?? '')
}

function sendPage(folder: string, reply: FastifyReply, status = 200): FastifyReply {
  if (!existsSync(join(folder, PAGE))) {
    throw new AppError('unavailable', 'The dashboard is not built. `npm ci` builds it, and so does `npm run build`.')
  }
  // No part of an error, and no "as you have it": a browser would show the nothing that comes with it.
  const whole = { etag: false, lastModified: false, acceptRanges: false }
  return status === 200 ? reply.sendFile(PAGE) : reply.code(status).sendFile(PAGE, whole)
}
