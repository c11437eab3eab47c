import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Executions } from '../executions/executions.ts'
import { AttemptQuery, ExecutionRef } from '../executions/schemas.ts'
import { DOWNLOAD_TIMEOUT_MS } from '../lib/download.ts'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { type Artifacts, MAX_LISTED } from './artifacts.ts'
import { ArtifactBytes, ArtifactList, ArtifactRef } from './schemas.ts'
import { sendArtifact } from './send.ts'

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
        response: { ...ArtifactBytes, ...problems }
      },
      config: { access: 'viewer', scope: 'execution' },
      handlerTimeout: DOWNLOAD_TIMEOUT_MS
    },
    async (request, reply) => {
      const name = request.params['*']
      const { id } = await executions.get(request.params.id)
      const artifact = await artifacts.open(id, name, request.query.attempt)
      if (!artifact) throw notThere(name)
      return sendArtifact(request, reply, { name, artifact })
    }
  )
}

export function notThere(name: string): AppError {
  return new AppError('not_found', `The execution has no artifact ${JSON.stringify(name)}.`)
}
