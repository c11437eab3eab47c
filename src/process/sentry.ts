/** Reports of errors to Sentry. Imported only where SENTRY_DSN is set: the library takes some 20 MB. */
import * as Sentry from '@sentry/node'
import type { EventHub } from '../events/hub.ts'
import { onEnded } from '../executions/ends.ts'
import type { Execution } from '../executions/execution.ts'
import { type LoggedError, loggedError } from './server-log.ts'
import { VERSION } from './version.ts'

export interface SentrySettings {
  dsn: string
  environment: string
  /** Whether bots that did not succeed are reported as well. */
  failedBots: boolean
}

/** Of so many requests one is traced. */
const TRACED = 0.1

/** What has not been sent by then is dropped when the server stops. */
const FLUSH_MS = 2000

const FAILED: ReadonlySet<string> = new Set(['failed', 'timed_out', 'lost'])

export type Reports = ReturnType<typeof startSentry>

/**
 * The library is to send what it is told here and to look for nothing by itself: what it finds in requests are addresses, headers
 * and bodies.
 */
export function startSentry({ dsn, environment, failedBots }: SentrySettings) {
  Sentry.init({
    dsn,
    environment,
    release: VERSION,
    tracesSampleRate: TRACED,
    sendDefaultPii: false,
    defaultIntegrations: false,
    integrations: [Sentry.dedupeIntegration(), Sentry.linkedErrorsIntegration()],
    registerEsmLoaderHooks: false,
    sendClientReports: false,
    maxBreadcrumbs: 0
  })

  return {
    /** An error as the log tells it; `said` is what the server says of it. */
    error(error: unknown, said: string, requestId: string | undefined): void {
      Sentry.captureException(copyOf(loggedError(error)), {
        tags: { requestId },
        extra: { said }
      })
    },

    /** A request that is answered. @returns to be called when it has been, with the status. */
    request(method: string, route: string, requestId: string): (status: number) => void {
      const span = Sentry.startInactiveSpan({
        name: `${method} ${route}`,
        op: 'http.server',
        forceTransaction: true,
        attributes: { 'http.request.method': method, 'http.route': route, 'sentry.source': 'route', requestId }
      })
      return status => {
        Sentry.setHttpStatus(span, status)
        span.end()
      }
    },

    /** From now on bots that do not succeed are reported, where the settings say so. */
    watch(events: EventHub): void {
      if (failedBots) onEnded(events, reportFailed)
    },

    /** Sends what is left. Never fails, and takes no longer than two seconds. */
    async stop(): Promise<void> {
      await Sentry.close(FLUSH_MS).catch(() => false)
    }
  }
}

/** No word of what it printed, nor of what it was given. */
function reportFailed({ id, botSlug, state, reason, trigger }: Execution): void {
  if (!FAILED.has(state)) return
  Sentry.captureMessage(
    `${botSlug} ${state === 'timed_out' ? 'timed out' : state === 'lost' ? 'was lost' : 'failed'}`,
    {
      level: 'warning',
      fingerprint: ['bot', botSlug, state, reason ?? ''],
      tags: { bot: botSlug, state, reason, trigger, execution: id }
    }
  )
}

function copyOf({ type, message, stack, cause }: LoggedError): Error {
  const copy = new Error(message, cause && { cause: copyOf(cause) })
  copy.name = type
  copy.stack = stack
  return copy
}
