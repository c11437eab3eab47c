import rateLimit, { type RateLimitOptions } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../lib/errors.ts'
import { accountOf } from '../users/principal.ts'
import { isApi } from './auth.ts'

/** What a route may ask for by name, as `config.limit`; each has a count of its own for every address. */
const BY_NAME = {
  'sign-in': { max: 10, timeWindow: 60_000 },
  // Senders have few addresses, and many deliveries when something happens.
  webhook: { max: 3000, timeWindow: 10_000 }
} satisfies Record<string, RateLimitOptions>

/** Everything else that is open, by address: the dashboard's files for a good many people behind one. */
const OPEN: RateLimitOptions = { max: 1000, timeWindow: 10_000 }

/** Requests by address that were answered 401, after which more of them are not looked into. */
const FAILURES: RateLimitOptions = { max: 300, timeWindow: 60_000 }

/** Sign-ins for an account, from wherever. */
const ACCOUNT: RateLimitOptions = { max: 10, timeWindow: 60_000 }

/** In a day. Of a million codes three are right at a time: who has the password and guesses is right once in 45 years. */
const WRONG_CODES: RateLimitOptions = { max: 20, timeWindow: 86_400_000 }

/** Deliveries to one webhook that are believed, from wherever: a sender that has gone mad does not take the whole machine. */
const TAKEN: RateLimitOptions = { max: 3000, timeWindow: 10_000 }

/** Deliveries by address that are not believed, or to no webhook; more of them are not looked into. */
const REFUSED: RateLimitOptions = { max: 100, timeWindow: 60_000 }

/** Deliveries to one webhook that are not believed and are written down all the same. */
const NOTED: RateLimitOptions = { max: 60, timeWindow: 60_000 }

/** Addresses and accounts that are counted at a time, per limit; of more, those not heard of for longest are forgotten. */
const CACHE = 50_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How often a stranger may ask, when not as often as for other open routes. */
    limit?: keyof typeof BY_NAME
    /**
     * Answers however much there is to do: neither throttled nor refused when too many ask. `unsigned`: whoever shows a credential is
     * throttled like anybody, as it has to be looked up.
     */
    unlimited?: true | 'unsigned'
  }
}

/**
 * How often anybody may ask: whoever is signed in `requestsPerSecond` times, whatever his address; strangers by address, an
 * IPv6 network of /64 being one. An event stream is one request. The counts are in memory, each window begins with the
 * first request of it, and they start anew with the server. Register it before `auth`, which turns strangers away.
 */
export const rateLimits = fp<{ requestsPerSecond: number }>(
  async (app, { requestsPerSecond }) => {
    await app.register(rateLimit, { global: false, enableDraftSpec: true, cache: CACHE, errorResponseBuilder: tooMany })
    const open = app.rateLimit(OPEN)
    const named = Object.fromEntries(Object.entries(BY_NAME).map(([name, limit]) => [name, app.rateLimit(limit)]))
    const account = app.rateLimit({
      max: requestsPerSecond,
      timeWindow: 1000,
      keyGenerator: request => accountOf(request.principal!)
    })
    const failures = app.createRateLimit(FAILURES)

    app.addHook('onRequest', async (request, reply) => {
      const { access, limit, unlimited } = request.routeOptions.config ?? {}
      if (unlimited === true || (unlimited === 'unsigned' && !hasCredential(request))) return
      if (access === 'open' || (request.is404 && !isApi(request.url))) {
        await (limit ? named[limit]! : open).call(app, request, reply)
        return
      }
      const failed = await failures(request, { increment: false })
      // Whoever has a right to be here does not suffer for others at the same address.
      if (!failed.isAllowed && failed.remaining === 0 && !(await request.authenticate())) {
        throw tooManyAt('Too many requests from this address that were not signed in', failed.ttlInSeconds)
      }
    })
    // Once it is known who asks, and before a body is read.
    app.addHook('preParsing', async (request, reply) => {
      if (request.principal) await account.call(app, request, reply)
    })
    app.addHook('onResponse', async (request, reply) => {
      if (reply.statusCode === 401) await failures(request)
    })
  },
  { name: 'rate-limits', dependencies: ['problem-details'] }
)

const hasCredential = ({ headers }: FastifyRequest) => Boolean(headers.authorization || headers.cookie)

/**
 * Counts tries of a password by account, to be called before it is looked at; each place that asks for one counts for itself. Who is locked out by others, who guess, is so for a
 * minute after they end; whoever is signed in stays so.
 * @throws AppError `rate_limited`
 */
export function signInLimit(app: FastifyInstance): (request: FastifyRequest, account: string) => Promise<void> {
  return byAccount(app, ACCOUNT, 'Too many passwords were tried for this account').count
}

/** Counts wrong codes by account. Only who has the password comes so far, so nobody else locks its owner out. */
export function wrongCodeLimit(app: FastifyInstance): AccountLimit {
  return byAccount(app, WRONG_CODES, 'Too many wrong codes for this account')
}

export interface WebhookLimits {
  /** @throws AppError `rate_limited` when too much from this address was not believed before. */
  check(request: FastifyRequest): Promise<void>
  /** Counts what is believed. @throws AppError `rate_limited` */
  countTaken(request: FastifyRequest, triggerId: string): Promise<void>
  countRefused(request: FastifyRequest): Promise<void>
  /** Whether one more of those is to be written down for its trigger. Counts it. */
  mayNote(request: FastifyRequest, triggerId: string): Promise<boolean>
}

export function webhookLimits(app: FastifyInstance): WebhookLimits {
  const refused = app.createRateLimit(REFUSED)
  const taken = byAccount(app, TAKEN, 'Too many deliveries to this webhook')
  const noted = byAccount(app, NOTED, 'Too many deliveries that are not believed')
  return {
    async check(request) {
      const counted = await refused(request, { increment: false })
      if (!counted.isAllowed && counted.remaining === 0)
        throw tooManyAt('Too many deliveries from this address were refused', counted.ttlInSeconds)
    },
    countTaken: taken.count,
    async countRefused(request) {
      await refused(request)
    },
    mayNote: (request, triggerId) =>
      noted.count(request, triggerId).then(
        () => true,
        () => false
      )
  }
}

/** Both throw AppError `rate_limited`: `check` when there were too many before, `count` when this one is too many. */
interface AccountLimit {
  check(request: FastifyRequest, account: string): Promise<void>
  count(request: FastifyRequest, account: string): Promise<void>
}

function byAccount(app: FastifyInstance, options: RateLimitOptions, what: string): AccountLimit {
  const accounts = new WeakMap<FastifyRequest, string>()
  const limit = app.createRateLimit({ ...options, keyGenerator: request => accounts.get(request)! })
  return {
    async check(request, account) {
      accounts.set(request, account)
      const counted = await limit(request, { increment: false })
      if (!counted.isAllowed && counted.remaining === 0) throw tooManyAt(what, counted.ttlInSeconds)
    },
    async count(request, account) {
      accounts.set(request, account)
      const counted = await limit(request)
      if (!counted.isAllowed && counted.isExceeded) throw tooManyAt(what, counted.ttlInSeconds)
    }
  }
}

function tooMany(_request: FastifyRequest, { ttl }: { ttl: number }): AppError {
  return tooManyAt('Too many requests', Math.ceil(ttl / 1000))
}

function tooManyAt(what: string, seconds: number): AppError {
  const wait = seconds === 1 ? 'a second' : `${seconds} seconds`
  return new AppError('rate_limited', `${what}. Wait ${wait}.`, { headers: { 'retry-after': String(seconds) } })
}
