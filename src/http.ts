/** The way in: Fastify with its plugins and routes, in the order in which a request meets them. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { artifactLinkRoutes } from './artifacts/link-routes.ts'
import { artifactRoutes } from './artifacts/routes.ts'
import { attemptsFolder } from './attempts/attempt-directory.ts'
import { auditRoutes } from './audit/routes.ts'
import { automationRoutes } from './automation/routes.ts'
import { backupRoutes } from './backup/routes.ts'
import { botRoutes } from './bots/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { executionRoutes } from './executions/routes.ts'
import { usageRoutes } from './executions/usage-routes.ts'
import { databaseProbe, logsProbe } from './health/probes.ts'
import { healthRoutes } from './health/routes.ts'
import { accessKeys } from './keys/access-keys.ts'
import { schemaCompilers } from './lib/schema-compilers.ts'
import { logRoutes } from './logs/routes.ts'
import { machineRoutes } from './machine/routes.ts'
import { metricRoutes } from './metrics/routes.ts'
import { notificationRoutes } from './notifications/routes.ts'
import { identityRoutes, providerRoutes } from './oidc/routes.ts'
import type { Ground, Parts } from './parts.ts'
import { auth } from './plugins/auth.ts'
import { crossSite } from './plugins/cross-site.ts'
import { loadLimit } from './plugins/load-limit.ts'
import { nestingLimit } from './plugins/nesting-limit.ts'
import { openapi } from './plugins/openapi.ts'
import { pressure } from './plugins/pressure.ts'
import { answerUnreadable, answerUnroutable, problemDetails } from './plugins/problem-details.ts'
import { rateLimits } from './plugins/rate-limits.ts'
import { requestIdOf, requestIds } from './plugins/request-ids.ts'
import { requestLog } from './plugins/request-log.ts'
import { requestMeasures } from './plugins/request-measures.ts'
import { requestTraces } from './plugins/request-traces.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { senderAddress } from './plugins/sender-address.ts'
import { SessionCookies } from './plugins/session-cookies.ts'
import { slowReaders } from './plugins/slow-readers.ts'
import { staticFiles } from './plugins/static.ts'
import { connectionLimits, READER_IDLE_MS } from './process/connections.ts'
import { secretRoutes } from './secrets/routes.ts'
import { storageHealthRoutes } from './storage/health-routes.ts'
import { tokenRoutes } from './tokens/routes.ts'
import { occurrenceRoutes } from './triggers/occurrence-routes.ts'
import { triggerRoutes } from './triggers/routes.ts'
import { accountRoutes } from './users/account-routes.ts'
import { peopleRoutes } from './users/people-routes.ts'
import { authRoutes } from './users/routes.ts'
import { ACCESS_TOKEN_SECONDS } from './users/sessions.ts'
import { receiveRoutes } from './webhooks/receive-routes.ts'
import { deliveryRoutes } from './webhooks/routes.ts'

/** @param publicDir where the built dashboard lies. */
export async function makeHttp(
  { config, logger, botUser, db, reports }: Ground,
  parts: Parts,
  publicDir: string
): Promise<FastifyInstance> {
  const {
    events,
    streams,
    measures,
    settings,
    audit,
    keys,
    seal,
    memo,
    secondFactor,
    sessions,
    people,
    signIn,
    provider,
    setup,
    secrets,
    bots,
    tokens,
    machine,
    backups,
    automation,
    executions,
    triggers,
    calendar,
    deliveries,
    logs,
    channels,
    rules,
    noticeStore,
    notices,
    artifacts,
    links,
    storageProbe,
    heartbeat,
    life
  } = parts
  const { publicUrl, corsOrigins, requestsPerSecond } = config
  const cookies = new SessionCookies(publicUrl?.startsWith('https:') ?? false)
  const http = Fastify({
    loggerInstance: requestLog(logger),
    genReqId: requestIdOf,
    requestIdHeader: false,
    logController: new LogController({ requestIdLogLabel: 'requestId' }),
    trustProxy: config.trustedProxy,
    ...connectionLimits,
    keepAliveTimeout: config.keepAliveMs,
    handlerTimeout: config.timeoutMs,
    forceCloseConnections: 'idle',
    // Until the last stream has ended it listens, and who asks is better answered than sent away.
    return503OnClosing: false,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerUnroutable,
    schemaController: { compilersFactory: schemaCompilers() },
    routerOptions: { maxParamLength: 200 }
  }).withTypeProvider<TypeBoxTypeProvider>()

  await http.register(requestIds)
  await http.register(requestMeasures, { measures })
  if (reports) await http.register(requestTraces, { reports })
  await http.register(problemDetails)
  http.removeContentTypeParser('text/plain')
  await http.register(senderAddress)
  await http.register(securityHeaders, { publicUrl })
  await http.register(crossSite, { publicUrl, corsOrigins })
  await http.register(rateLimits, { requestsPerSecond })
  await http.register(auth, {
    sessions,
    tokens,
    botOf: {
      bot: ref => bots.idOf(ref),
      execution: id => executions.botOf(id),
      trigger: async id => (await triggers.find(id))?.botId ?? null
    },
    jwtKeys: await accessKeys(keys, settings, ACCESS_TOKEN_SECONDS * 1000),
    cookies
  })
  await http.register(loadLimit, { max: config.workerConnections })
  await http.register(pressure, { maxDelayMs: config.maxEventLoopDelayMs })
  await http.register(nestingLimit)
  await http.register(slowReaders, { idleMs: READER_IDLE_MS })
  await http.register(openapi, { publicUrl })
  await http.register(staticFiles, { folder: publicDir })

  await http.register(healthRoutes, {
    prefix: '/health',
    life,
    needs: {
      database: databaseProbe(db, logger),
      logs: logsProbe(attemptsFolder(config.dataDir), logger)
    }
  })
  await http.register(metricRoutes, {
    sources: {
      measures,
      executions,
      streams,
      notices: noticeStore,
      machine,
      automation,
      backups,
      dataDir: config.dataDir
    }
  })
  await http.register(storageHealthRoutes, { prefix: '/health', probe: storageProbe })
  await http.register(authRoutes, {
    prefix: '/api/auth',
    setup,
    sessions,
    bots,
    dataDir: config.dataDir,
    cookies
  })
  await http.register(accountRoutes, { prefix: '/api/auth', people, sessions, secondFactor, memo })
  await http.register(providerRoutes, { prefix: '/api/auth', provider, signIn, people, seal, cookies })
  await http.register(identityRoutes, { prefix: '/admin', signIn })
  await http.register(tokenRoutes, { prefix: '/api', tokens, people })
  await http.register(peopleRoutes, { prefix: '/admin', people, sessions, publicUrl })
  await http.register(auditRoutes, { prefix: '/admin', audit })
  await http.register(backupRoutes, { prefix: '/admin', backups, audit })
  await http.register(botRoutes, { prefix: '/api', bots, dataDir: config.dataDir })
  await http.register(executionRoutes, { prefix: '/api', executions, bots })
  await http.register(usageRoutes, { prefix: '/api', executions, attemptsFolder: attemptsFolder(config.dataDir) })
  await http.register(triggerRoutes, { prefix: '/api', triggers, bots })
  await http.register(occurrenceRoutes, { prefix: '/api', calendar, triggers })
  await http.register(receiveRoutes, { prefix: '/api', deliveries })
  await http.register(deliveryRoutes, { prefix: '/api', deliveries })
  await http.register(automationRoutes, { prefix: '/api', automation })
  await http.register(notificationRoutes, { prefix: '/api', channels, rules, notices })
  await http.register(secretRoutes, { prefix: '/api', secrets })
  await http.register(machineRoutes, {
    prefix: '/api',
    machine,
    facts: {
      load: () => executions.load(),
      backup: () => backups.state(),
      maxConcurrentExecutions: config.maxConcurrentExecutions,
      maxQueuedExecutions: config.maxQueuedExecutions,
      limits: executions.limits,
      botUser: botUser?.name ?? null,
      publicUrl
    }
  })
  await http.register(logRoutes, { prefix: '/api', executions, logs, events, streams })
  await http.register(artifactRoutes, { prefix: '/api', executions, artifacts })
  await http.register(artifactLinkRoutes, { prefix: '/api', executions, artifacts, links, audit, publicUrl })
  await http.register(eventRoutes, {
    prefix: '/api',
    events,
    streams,
    heartbeat,
    botOfExecution: id => executions.botOf(id)
  })
  return http
}
