import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { AuditStore } from '../audit/store.ts'
import type { Executions } from '../executions/executions.ts'
import { ExecutionRef } from '../executions/schemas.ts'
import { DOWNLOAD_TIMEOUT_MS } from '../lib/download.ts'
import { AppError } from '../lib/errors.ts'
import { publicAddress } from '../lib/public-address.ts'
import { problems } from '../lib/schemas.ts'
import type { Artifacts } from './artifacts.ts'
import { type ArtifactLinks, DEFAULT_LINK_SECONDS } from './links.ts'
import { notThere } from './routes.ts'
import { ArtifactBytes, ArtifactLink, LinkQuery, NewArtifactLink, SharedArtifactRef } from './schemas.ts'
import { sendArtifact } from './send.ts'

export interface LinkRoutesOptions {
  executions: Executions
  artifacts: Artifacts
  links: ArtifactLinks
  audit: Pick<AuditStore, 'add'>
  publicUrl: string | null
}

/** Handing out links to artifacts, and following them. */
export const artifactLinkRoutes: FastifyPluginAsyncTypebox<LinkRoutesOptions> = async (
  app,
  { executions, artifacts, links, audit, publicUrl }
) => {
  app.post(
    '/executions/:id/artifacts/links',
    {
      schema: {
        summary: 'Make a link to an artifact',
        description:
          'Whoever has the link can download the artifact without an account, until it runs out. It cannot be taken back.',
        tags: ['artifacts'],
        params: ExecutionRef,
        body: NewArtifactLink,
        response: { 201: ArtifactLink, ...problems }
      },
      config: { access: 'viewer', scope: 'execution' }
    },
    async (request, reply) => {
      const { name, expiresInSeconds = DEFAULT_LINK_SECONDS } = request.body
      const execution = await executions.get(request.params.id)
      const attempt = request.body.attempt ?? execution.attempts.length
      const artifact = await artifacts.open(execution.id, name, attempt)
      if (!artifact) throw notThere(name)
      artifact.close()
      const expiresAt = (Math.floor(Date.now() / 1000) + expiresInSeconds) * 1000
      const path = links.pathTo({ executionId: execution.id, attempt, name }, expiresAt)
      await audit.add({
        actor: request.actor,
        action: 'artifact.shared',
        subject: { type: 'execution', id: execution.id, name: execution.botSlug },
        after: { artifact: name, attempt, expiresAt }
      })
      return reply.code(201).send({ url: publicAddress(publicUrl, request) + path, expiresAt })
    }
  )

  app.get(
    '/shared/artifacts/:id/:attempt/*',
    {
      schema: {
        summary: 'Download an artifact by a link',
        description: 'As its link says, which is made at `/api/executions/{id}/artifacts/links`. `Range` works.',
        tags: ['artifacts'],
        params: SharedArtifactRef,
        querystring: LinkQuery,
        response: { ...ArtifactBytes, ...problems }
      },
      config: { access: 'open' },
      handlerTimeout: DOWNLOAD_TIMEOUT_MS
    },
    async (request, reply) => {
      const { id, attempt, '*': name } = request.params
      links.check({ executionId: id, attempt, name }, request.query, Date.now())
      const artifact = await artifacts.open(id, name, attempt)
      if (!artifact) throw new AppError('not_found', 'This artifact is not kept any more.')
      return sendArtifact(request, reply, { name, artifact })
    }
  )
}
