import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Test } from 'tap'
import type { Access } from '../../src/users/user.ts'
import { buildApp, type TestApp } from './app.ts'

/** A built dashboard as small as can be. */
export const FIXTURE_PUBLIC = join(import.meta.dirname, '../fixtures/public')

export interface LiveRoute {
  method: string
  /** As it was registered, such as `/api/bots/:bot`. */
  url: string
  access: Access | undefined
  stream: boolean
  /** Whether it is for people alone. */
  session: boolean
  /** What a token for some bots may do there. */
  scope: 'bot' | 'execution' | 'trigger' | 'some' | undefined
  /** Whether it is kept out of the API's description. */
  hidden: boolean
}

/** An app together with every route it really has, plugins' own included; nothing in it has to be declared for that. */
export async function buildAppWithRoutes(t: Test): Promise<{ app: TestApp; routes: LiveRoute[] }> {
  const seen: { url: string; options: RouteOptions }[] = []
  const onInstance = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    // The options are kept, as hooks after this one add to them; the address is read now, as Fastify alters it for an alias.
    fastify.addHook('onRoute', options => {
      seen.push({ url: options.url, options })
    })
  }
  subscribe('fastify.initialization', onInstance)
  const app = await buildApp(t, { publicDir: FIXTURE_PUBLIC }).finally(() =>
    unsubscribe('fastify.initialization', onInstance)
  )
  const routes = seen.flatMap(({ url, options }) =>
    [options.method].flat().map(method => ({
      method,
      url,
      access: options.config?.access,
      stream: options.config?.stream ?? false,
      session: options.config?.session ?? false,
      scope: options.config?.scope,
      hidden: (options.schema as { hide?: boolean } | undefined)?.hide ?? false
    }))
  )
  return { app, routes }
}

/** An address that meets a route, its parameters filled with text that names nothing. */
export function exampleOf(url: string): string {
  return url.replace(/:\w+/g, 'none').replace('*', 'none')
}
