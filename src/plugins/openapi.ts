import swagger from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { type TObject, Type } from 'typebox'
import { AuditEntry } from '../audit/schemas.ts'
import { AutomationState } from '../automation/routes.ts'
import { Bot } from '../bots/schemas.ts'
import { Execution } from '../executions/schemas.ts'
import { Problem } from '../lib/schemas.ts'
import { LogPage } from '../logs/schemas.ts'
import { BackupState, Machine } from '../machine/schemas.ts'
import { Channel, Notice, NotificationRule } from '../notifications/schemas.ts'
import { VERSION } from '../process/version.ts'
import { Secret } from '../secrets/schemas.ts'
import { Token } from '../tokens/schemas.ts'
import { CalendarEntry, Occurrence, Preview } from '../triggers/occurrence-schemas.ts'
import { Trigger } from '../triggers/schemas.ts'
import { Person, Session, User } from '../users/schemas.ts'
import { Delivery, DeliveryDetail, Receipt } from '../webhooks/schemas.ts'
import { accessOfPlugins } from './auth.ts'

/** The API's description, made from the schemas that check its requests, and a page to read and try it. */
export const openapi = fp<{ publicUrl: string | null }>(
  async (app, { publicUrl }) => {
    for (const schema of [
      Problem,
      User,
      Person,
      Session,
      Token,
      AuditEntry,
      Bot,
      Execution,
      LogPage,
      Machine,
      BackupState,
      Secret,
      Trigger,
      Occurrence,
      CalendarEntry,
      Preview,
      AutomationState,
      Delivery,
      DeliveryDetail,
      Receipt,
      Channel,
      NotificationRule,
      Notice
    ])
      app.addSchema(schema)
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Botyard',
          version: VERSION,
          description:
            'Run bots on a machine you own and watch them live. Sign in at /api/auth/login and send the access token as Authorization: Bearer.'
        },
        servers: [{ url: publicUrl ?? '/' }],
        components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }
      },
      refResolver: {
        buildLocalReference: (schema, _base, _fragment, i) => (schema.$id as string | undefined) ?? `def-${i}`
      },
      transform: ({ schema, url, route }) => {
        const access = route.config?.access
        const described = access === 'open' ? { security: [] } : { security: [{ bearer: [] }], 'x-access': access }
        return withNamedRest(url, { ...schema, ...described })
      }
    })

    app.get('/openapi/openapi.json', { schema: { hide: true }, config: { access: 'open' } }, async () => app.swagger())

    await app.register(async docs => {
      await docs.register(accessOfPlugins('open'))
      const { default: swaggerUi } = await import('@fastify/swagger-ui')
      await docs.register(swaggerUi, {
        routePrefix: '/docs',
        uiConfig: { layout: 'BaseLayout', tryItOutEnabled: true, displayRequestDuration: true },
        theme: { title: 'Botyard API' }
      })
    })
  },
  { name: 'openapi', dependencies: ['auth'] }
)

/** A path that ends in any number of parts has no name for them, which OpenAPI wants: there they are its `name`. */
function withNamedRest(url: string, schema: FastifySchema): { url: string; schema: FastifySchema } {
  const { '*': name, ...others } = (schema.params as TObject | undefined)?.properties ?? {}
  if (!name) return { url, schema }
  return { url: url.replace(/\*$/, ':name'), schema: { ...schema, params: Type.Object({ ...others, name }) } }
}
