import { type Logger, pino } from 'pino'
import { withoutQuote } from '../lib/errors.ts'

/** What of errors is told beside their words: libraries hang requests, their headers and what was parsed on them. */
const TOLD = ['code', 'errno', 'syscall', 'path', 'address', 'port', 'status', 'statusCode'] as const

const MAX_CAUSES = 5

const NO_ERROR = 'something that is no error was thrown'

/** Of pino's levels. */
const ERROR = 50

/** Never in the log, should somebody pass it on whole. What is said of requests is chosen in `plugins/request-log.ts`. */
const HIDDEN = ['authorization', 'body', 'cookie', 'headers', 'password', 'secret', 'token']

/** Who is told of errors besides; `said` is what the log says of it. */
export type OnError = (error: unknown, said: string, requestId: string | undefined) => void

/** The server's own log: a line of JSON for each thing it says, to standard output. */
export function serverLog(level: string, onError: OnError | null = null): Logger {
  const options = { level, serializers: { err: (error: unknown) => loggedError(error) }, redact: HIDDEN }
  if (!onError) return pino(options)
  return pino({
    ...options,
    hooks: {
      logMethod(args, method, level) {
        const [about, said] = args as unknown as [{ err?: unknown } | undefined, string]
        if (level >= ERROR && about?.err !== undefined) onError(about.err, said, this.bindings().requestId)
        method.apply(this, args)
      }
    }
  })
}

export interface LoggedError {
  type: string
  message: string
  stack: string
  /** Of an error that stands for several. */
  errors: LoggedError[] | undefined
  cause: LoggedError | undefined
}

/** An error as the log tells it: its words and where it came from, with nothing in them of what was being read. */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error))
    return { type: typeof error, message: NO_ERROR, stack: NO_ERROR, errors: undefined, cause: undefined }
  const type = error.constructor.name
  const message = saidOf(error)
  const frames = (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line))
  const told = Object.fromEntries(
    TOLD.map(name => [name, (error as unknown as Record<string, unknown>)[name]] as const).filter(([, value]) =>
      ['string', 'number'].includes(typeof value)
    )
  )
  const several = error instanceof AggregateError && depth < MAX_CAUSES ? error.errors.slice(0, MAX_CAUSES) : []
  const errors = several.length > 0 ? several.map(each => loggedError(each, depth + 1)) : undefined
  const cause = error.cause !== undefined && depth < MAX_CAUSES ? loggedError(error.cause, depth + 1) : undefined
  return { type, message, stack: [`${type}: ${message}`, ...frames].join('\n'), ...told, errors, cause }
}

/** What it says, without what JSON.parse quotes, nor the user and password of an address. */
function saidOf(error: Error): string {
  const said = error instanceof SyntaxError ? withoutQuote(error.message) : error.message
  return said.replace(/(?<=:\/\/)[^\s/@]+@/g, '')
}
