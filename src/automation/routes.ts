import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { problems } from '../lib/schemas.ts'
import type { Automation } from './automation.ts'

export const AutomationState = Type.Object(
  { enabled: Type.Boolean({ description: 'Whether schedules, webhooks and chains start anything.' }) },
  { $id: 'Automation', title: 'Automation', additionalProperties: false }
)

export const automationRoutes: FastifyPluginAsyncTypebox<{ automation: Automation }> = async (app, { automation }) => {
  app.get(
    '/automation',
    {
      schema: {
        summary: 'Whether bots run by themselves',
        tags: ['triggers'],
        response: { 200: Type.Ref('Automation'), ...problems }
      },
      config: { access: 'viewer' }
    },
    async () => ({ enabled: automation.isOn })
  )

  app.put(
    '/automation',
    {
      schema: {
        summary: 'Switch all automation on or off',
        description:
          'Off: schedules, webhooks and chains start nothing, until it is switched on again, also across restarts. What was missed then follows the policy of its schedule; what webhooks brought is kept and can be replayed.',
        tags: ['triggers'],
        body: Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false }),
        response: { 200: Type.Ref('Automation'), ...problems }
      },
      config: { access: 'operator', vital: true }
    },
    async request => {
      await automation.switch(request.body.enabled, request.actor)
      return { enabled: automation.isOn }
    }
  )
}
