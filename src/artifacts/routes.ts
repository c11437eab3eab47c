import { closeSync } from 'node:fs'
import { posix } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { create as contentDisposition } from 'content-disposition'
import { Type } from 'typebox'
import { rangeOf } from '../byte-range.ts'
import { Download } from '../download.ts'
import { AppError } from '../errors.ts'
import type { Executions } from '../executions/executions.ts'
import { AttemptQuery, ExecutionRef } from '../executions/schemas.ts'
import { PlainBytes } from '../logs/plain-bytes.ts'
import { problems } from '../schemas.ts'
import { type Artifacts, MAX_LISTED } from './artifacts.ts'
import { ArtifactList, ArtifactRef } from './schemas.ts'

export const artifactRoutes: FastifyPluginAsyncTypebox<{ executions: Executions; artifacts: Artifacts }> = async (
  app,
  { executions, artifacts }
) => {
  app.get(
    '/executions/:id/artifacts',
    {
      schema: {
        summary: 'Artifacts of an execution',
        description:
          'The files an attempt has put into the folder that BOTYARD_ARTIFACTS names, also while it runs. ' +
          `Regular files only, the first ${MAX_LISTED}.`,
        tags: ['artifacts'],
        params: ExecutionRef,
        querystring: AttemptQuery,
        response: { 200: ArtifactList, ...problems }
      },
      config: { access: 'viewer', scope: 'execution' }
    },
    async request => {
      const { id } = await executions.get(request.params.id)
      return artifacts.list(id, request.query.attempt)
    }
  )

  app.get(
    '/executions/:id/artifacts/*',
    {
      schema: {
        summary: 'Download an artifact',
        description: '`Range` works. Of a file that still grows, this is what it holds when it is asked for.',
        tags: ['artifacts'],
        params: ArtifactRef,
        querystring: AttemptQuery,
        response: {
          200: {
            description: 'Its bytes, to be saved and never shown.',
            content: { 'application/octet-stream': { schema: Type.String() } }
          },
          206: {
            description: 'The range asked for.',
            content: { 'application/octet-stream': { schema: Type.String() } }
          },
          ...problems
        }
      },
      config: { access: 'viewer', scope: 'execution' },
      // The limit on how long an answer may take to begin would also cut off a long download. The longest a timer can be.
      handlerTimeout: 2 ** 31 - 1
    },
    async (request, reply) => {
      const name = request.params['*']
      const { id } = await executions.get(request.params.id)
      const artifact = await artifacts.open(id, name, request.query.attempt)
      if (!artifact) throw new AppError('not_found', `The execution has no artifact ${JSON.stringify(name)}.`)
      const { fd, bytes } = artifact
      try {
        const range = rangeOf(request.headers, bytes, 'The artifact')
        const from = range?.start ?? 0
        const to = range ? range.end + 1 : bytes
        if (range) reply.code(206).header('content-range', `bytes ${from}-${range.end}/${bytes}`)
        reply
          .type('application/octet-stream')
          .header('content-disposition', contentDisposition(posix.basename(name)))
          // Whatever a browser makes of it, it is no page of ours.
          .header('content-security-policy', 'sandbox')
          .header('accept-ranges', 'bytes')
          .header('content-length', to - from)
        return reply.send(new Download(new PlainBytes(fd), from, request.method === 'HEAD' ? from : to))
      } catch (error) {
        closeSync(fd)
        throw error
      }
    }
  )
}
