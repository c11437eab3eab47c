import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { publicAddress } from '../lib/public-address.ts'
import { problems } from '../lib/schemas.ts'
import { linkAt } from './password-link.ts'
import type { LinkToHandOver, People } from './people.ts'
import { ChangePerson, Invite, Invited, Link, PersonList, SessionList, SessionRef, UserRef } from './schemas.ts'
import type { Sessions } from './sessions.ts'

/** What an administrator does about others' accounts. */
export const peopleRoutes: FastifyPluginAsyncTypebox<{
  people: People
  sessions: Sessions
  publicUrl: string | null
}> = async (app, { people, sessions, publicUrl }) => {
  const admins = { access: 'admin', session: true } as const
  const handedOver = (request: FastifyRequest, link: LinkToHandOver) => ({
    ...link,
    url: linkAt(publicAddress(publicUrl, request), link.token)
  })

  app.get(
    '/users',
    {
      schema: { summary: 'All people', tags: ['people'], response: { 200: PersonList, ...problems } },
      config: admins
    },
    async () => ({ items: await people.list() })
  )

  app.post(
    '/users',
    {
      schema: {
        summary: 'Invite somebody',
        description:
          'Makes an account and a link by which its owner chooses the password: hand it over. Good for a week.',
        tags: ['people'],
        body: Invite,
        response: { 201: Invited, ...problems }
      },
      config: admins
    },
    async (request, reply) => {
      const { user, link } = await people.invite(request.body.email, request.body.role, request.actor)
      return reply.code(201).send({ user, link: handedOver(request, link) })
    }
  )

  app.patch(
    '/users/:id',
    {
      schema: {
        summary: 'Change somebody’s address or role, or disable the account',
        description: 'It counts at once: streams end, and with a disabled account its sessions.',
        tags: ['people'],
        params: UserRef,
        body: ChangePerson,
        response: { 200: Type.Ref('User'), ...problems }
      },
      config: admins
    },
    async request => people.change(request.params.id, request.body, request.actor)
  )

  app.delete(
    '/users/:id',
    {
      schema: {
        summary: 'Delete an account',
        description: 'With its sessions and tokens. What its owner did stays in the history and the audit log.',
        tags: ['people'],
        params: UserRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: admins
    },
    async (request, reply) => {
      await people.delete(request.params.id, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.post(
    '/users/:id/link',
    {
      schema: {
        summary: 'Make a link to choose a new password',
        description:
          'In place of one from before. The old password holds until the link is used; then all sessions of the account end, and its tokens are revoked.',
        tags: ['people'],
        params: UserRef,
        response: { 201: Link, ...problems }
      },
      config: admins
    },
    async (request, reply) => {
      const link = await people.resetPassword(request.params.id, request.actor)
      return reply.code(201).send(handedOver(request, link))
    }
  )

  app.delete(
    '/users/:id/second-factor',
    {
      schema: {
        summary: 'Remove somebody’s second factor',
        description: 'For who has lost the device and the recovery codes.',
        tags: ['people'],
        params: UserRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: admins
    },
    async (request, reply) => {
      await people.removeSecondFactor(request.params.id, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.get(
    '/users/:id/sessions',
    {
      schema: {
        summary: 'Somebody’s sessions',
        description: 'Those that go on, newest first.',
        tags: ['people'],
        params: UserRef,
        response: { 200: SessionList, ...problems }
      },
      config: admins
    },
    async ({ params, principal }) => {
      const items = await sessions.list((await people.get(params.id)).id)
      return { items: items.map(session => ({ ...session, current: session.id === principal!.credential.id })) }
    }
  )

  app.delete(
    '/users/:id/sessions',
    {
      schema: {
        summary: 'End all of somebody’s sessions',
        tags: ['people'],
        params: UserRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: admins
    },
    async (request, reply) => {
      await sessions.endAll(await people.get(request.params.id), null, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.delete(
    '/users/:id/sessions/:session',
    {
      schema: {
        summary: 'End one of somebody’s sessions',
        tags: ['people'],
        params: Type.Object({ ...UserRef.properties, session: SessionRef.properties.id }),
        response: { 204: Type.Null(), ...problems }
      },
      config: admins
    },
    async (request, reply) => {
      const { id, session } = request.params
      if (!(await sessions.end(await people.get(id), session, request.actor))) {
        throw new AppError('not_found', `There is no session "${session}" that goes on.`)
      }
      return reply.code(204).send(null)
    }
  )
}
