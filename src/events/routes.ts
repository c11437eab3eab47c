import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { mayKnow, type Principal } from '../users/principal.ts'
import { mayAccess } from '../users/user.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Announcement, EventHub } from './hub.ts'
import { frame } from './sse.ts'
import type { Streams } from './streams.ts'

const TOPIC =
  '(automation|bots|executions|machine|notifications|secrets|triggers|(bot|execution|log|trigger):[0-9a-f-]{36})'

const OPERATORS_TOPICS = ['notifications', 'secrets']

const EventsQuery = Type.Object(
  {
    topics: Type.String({
      default: 'bots,executions',
      maxLength: 2000,
      pattern: `^${TOPIC}(,${TOPIC})*$`,
      description:
        '`automation`, `bots`, `executions`, `machine`, `notifications`, `secrets`, `triggers`, `bot:<id>`, `execution:<id>`, `log:<execution id>`, `trigger:<id>`, separated by commas. `notifications` and `secrets` take the role operator.'
    })
  },
  { additionalProperties: false }
)

const eventStream = {
  200: { description: 'An event stream.', content: { 'text/event-stream': { schema: Type.String() } } },
  ...problems
}

const RESYNC = frame({ event: 'resync', data: {} })

export const eventRoutes: FastifyPluginAsyncTypebox<{
  events: EventHub
  streams: Streams
  heartbeat: Heartbeat
  /** The bot of an execution; null when there is no such execution. */
  botOfExecution: (id: string) => Promise<string | null>
}> = async (app, { events, streams, heartbeat, botOfExecution }) => {
  /** A token that is for some bots only hears of those, and has to say so. @throws AppError `forbidden` */
  async function keepWithin(principal: Principal, topic: string): Promise<void> {
    if (!principal.bots) return
    const [kind, id] = topic.split(':')
    const botId = id === undefined || kind === 'bot' ? (id ?? null) : await botOfExecution(id)
    if (mayKnow(principal, botId)) return
    throw new AppError('forbidden', `This token is for some bots only, and may not listen to ${topic}.`)
  }

  app.get(
    '/events',
    {
      schema: {
        summary: 'What changes',
        description:
          'Server-Sent Events: `bot.changed`, `bot.deleted`, `execution.changed`, each with the whole new state. ' +
          'Of a log that is listened to, `log.grew` {executionId, attempt, from, to, line, lineCount, at, text}: the bytes ' +
          '[from, to) were printed at `at` (null: unknown), byte `from` lies in line `line`, and there are `lineCount` lines ' +
          'up to `to`; `text` is those bytes, or null when they are more than 16 KiB: ask for the lines you show. ' +
          '`machine.changed` has the machine as `GET /api/machine` answers it. ' +
          '`trigger.changed` has the whole trigger, `trigger.deleted` {id, botId}; `automation.changed` {enabled}; `delivery.received` of a trigger the whole delivery, also when it was settled. ' +
          'Of `notifications`, `channel.changed`, `notification_rule.changed` and `notice.changed` have the whole of each, ' +
          '`channel.deleted` and `notification_rule.deleted` {id}. ' +
          '`secrets.changed` {names} says of which secrets there is something new. ' +
          '`resync` comes first and whenever a reader was too slow: something may have been missed, so read anew what you show.',
        tags: ['events'],
        querystring: EventsQuery,
        response: eventStream
      },
      config: { access: 'viewer', scope: 'some', stream: true },
      exposeHeadRoute: false
    },
    async (request, reply) => {
      const topics = request.query.topics.split(',')
      const { role } = request.principal!
      for (const topic of topics) await keepWithin(request.principal!, topic)
      const closed = mayAccess(role, 'operator') ? undefined : topics.find(topic => OPERATORS_TOPICS.includes(topic))
      if (closed) throw new AppError('forbidden', `The topic ${closed} takes the role operator; yours is ${role}.`)
      const stream = streams.open(request, reply)
      let behind = false
      const send = (event: Announcement) => {
        if (!behind && !stream.parked) {
          stream.write(event.frame)
        } else if (!behind) {
          behind = true
          void stream.drained().then(() => {
            behind = false
            stream.write(RESYNC)
          })
        }
      }
      const unsubscribe = events.subscribe(topics, send)
      stream.closed.addEventListener('abort', unsubscribe, { once: true })
      stream.write(RESYNC)
    }
  )

  app.get(
    '/heartbeat',
    {
      schema: {
        summary: 'The pulse of the server',
        description:
          'Server-Sent Events: `heartbeat` {at, startedAt, queued, running, streams} at once and every five seconds.',
        tags: ['events'],
        response: eventStream
      },
      config: { access: 'viewer', stream: true },
      exposeHeadRoute: false
    },
    async (request, reply) => {
      const stream = streams.open(request, reply)
      stream.write(await heartbeat.now())
      if (stream.closed.aborted) return
      const unsubscribe = heartbeat.listen(beat => {
        if (!stream.parked) stream.write(beat)
      })
      stream.closed.addEventListener('abort', unsubscribe, { once: true })
    }
  )
}
