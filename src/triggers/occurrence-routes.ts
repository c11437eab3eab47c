import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { type Calendar, preview } from './calendar.ts'
import * as schemas from './occurrence-schemas.ts'
import { TriggerRef } from './schemas.ts'
import type { Triggers } from './triggers.ts'

export const occurrenceRoutes: FastifyPluginAsyncTypebox<{ calendar: Calendar; triggers: Triggers }> = async (
  app,
  { calendar, triggers }
) => {
  app.get(
    '/triggers/:id/occurrences',
    {
      schema: {
        summary: 'The slots of a schedule',
        description: 'What became of those that have been, and those that are to come while it is on.',
        tags: ['triggers'],
        params: TriggerRef,
        querystring: schemas.OccurrencesQuery,
        response: { 200: schemas.Occurrences, ...problems }
      },
      config: { access: 'viewer', scope: 'trigger' }
    },
    async ({ params, query }) => {
      const { id } = await triggers.get(params.id)
      const now = Date.now()
      const { from = now, before, count } = query
      if (before !== undefined) return { items: await calendar.before(id, before, count, now) }
      return { items: await calendar.ofTrigger(id, from, count, now) }
    }
  )

  app.post(
    '/triggers/preview',
    {
      schema: {
        summary: 'Say when a schedule would run',
        tags: ['triggers'],
        body: schemas.PreviewRequest,
        response: { 200: Type.Ref('SchedulePreview'), ...problems }
      },
      config: { access: 'viewer', scope: 'some' }
    },
    async ({ body }) => {
      const now = Date.now()
      return preview(body.schedule, { from: body.from ?? now, count: body.count ?? 10, now })
    }
  )

  app.get(
    '/occurrences',
    {
      schema: {
        summary: 'The calendar: the slots of all schedules',
        tags: ['triggers'],
        querystring: schemas.CalendarQuery,
        response: { 200: schemas.Calendar, ...problems }
      },
      config: { access: 'viewer', scope: 'some' }
    },
    async ({ query: { from, until, limit, perTrigger = Number.POSITIVE_INFINITY }, principal }) => {
      if (from >= until) {
        const errors = [{ path: '/until', message: 'must be after from' }]
        throw new AppError('invalid_request', 'There is no time between these two: see errors.', { errors })
      }
      return calendar.between({ from, until, limit, perTrigger, botIds: principal!.bots }, Date.now())
    }
  )
}
