import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readUsage, thinned } from '../attempts/usage-file.ts'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import type { Executions } from './executions.ts'
import { AttemptQuery, ExecutionRef, MAX_USAGE_ITEMS, UsageOverTime } from './schemas.ts'

export const usageRoutes: FastifyPluginAsyncTypebox<{ executions: Executions; attemptsFolder: string }> = async (
  app,
  { executions, attemptsFolder }
) => {
  app.get(
    '/executions/:id/usage',
    {
      schema: {
        summary: 'What an attempt used, over time',
        description: `Of all its processes, oldest first, ${MAX_USAGE_ITEMS} items at most. None for one that ended within two seconds.`,
        tags: ['executions'],
        params: ExecutionRef,
        querystring: AttemptQuery,
        response: { 200: UsageOverTime, ...problems }
      },
      config: { access: 'viewer', scope: 'execution' }
    },
    async request => {
      const { id } = await executions.get(request.params.id)
      const number = request.query.attempt
      const attempts = await executions.attempts(id)
      const attempt = number ? attempts.find(each => each.number === number) : attempts.at(-1)
      if (!attempt && number) throw new AppError('not_found', `The execution has no attempt ${number}.`)
      const samples = attempt ? await readUsage(join(attemptsFolder, attempt.id)) : []
      return { attempt: attempt?.number ?? 1, items: thinned(samples, MAX_USAGE_ITEMS) }
    }
  )
}
