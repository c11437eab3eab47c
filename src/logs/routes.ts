import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { EventHub } from '../events/hub.ts'
import type { Streams } from '../events/streams.ts'
import type { Executions } from '../executions/executions.ts'
import { ExecutionRef } from '../executions/schemas.ts'
import { rangeOf } from '../lib/byte-range.ts'
import { DOWNLOAD_TIMEOUT_MS, Download } from '../lib/download.ts'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { Turns } from '../lib/turns.ts'
import { accountOf } from '../users/principal.ts'
import { type Cursor, parseCursor, type ReadableLog } from './log.ts'
import { LogFile } from './log-file.ts'
import type { Logs } from './logs.ts'
import { DEFAULT_LINES, type LogPage, LogQuery, LogSearchQuery, LogSearchResult, LogStreamQuery } from './schemas.ts'
import { searchLines } from './search.ts'
import { streamLog } from './stream.ts'

/** So long one search goes on; who asked has something to look at, and asks for the rest. */
const SEARCH_MS = 2000

/** They read the disk, which bots want as well: more wait. */
const SEARCHES_AT_ONCE = 2

/** Of one account or one token, those that wait included: the dashboard has one at a time. */
const SEARCHES_EACH = 8

export const logRoutes: FastifyPluginAsyncTypebox<{
  executions: Executions
  logs: Logs
  events: EventHub
  streams: Streams
}> = async (app, { executions, logs, events, streams }) => {
  const searching = new Turns(SEARCHES_AT_ONCE)
  const searchesOf = new Map<string, number>()

  /** @throws AppError `rate_limited` */
  async function asOneOfFew<T>(who: string, work: () => Promise<T>): Promise<T> {
    const others = searchesOf.get(who) ?? 0
    if (others >= SEARCHES_EACH) {
      throw new AppError('rate_limited', `${others} of your searches are under way. Wait for one to end.`, {
        headers: { 'retry-after': '2' }
      })
    }
    searchesOf.set(who, others + 1)
    try {
      return await work()
    } finally {
      const left = searchesOf.get(who)! - 1
      if (left > 0) searchesOf.set(who, left)
      else searchesOf.delete(who)
    }
  }

  app.get(
    '/executions/:id/log',
    {
      schema: {
        summary: 'The bytes of a log, or its lines',
        description:
          'What the bot printed, stdout and stderr in the order they were written. `Range` works, also while it runs. ' +
          'With `fromLine` or `tail` the answer is JSON: some of its lines, no more than 1 MiB of text.',
        tags: ['logs'],
        params: ExecutionRef,
        querystring: LogQuery,
        response: {
          200: {
            description: 'All of it that can be read now, or the lines asked for.',
            content: { 'text/plain': { schema: Type.String() }, 'application/json': { schema: Type.Ref('LogPage') } }
          },
          206: { description: 'The range asked for.', content: { 'text/plain': { schema: Type.String() } } },
          ...problems
        }
      },
      config: { access: 'viewer', scope: 'execution' },
      handlerTimeout: DOWNLOAD_TIMEOUT_MS
    },
    async (request, reply) => {
      const execution = await executions.get(request.params.id)
      if (asksForLines(request.query)) {
        return pageOf(await logs.open(execution.id, request.query.attempt), request.query)
      }
      const log = await logs.file(execution.id, request.query.attempt)
      if (!log && request.query.attempt) throw noAttempt(request.query.attempt)
      const size = log?.published ?? 0
      reply.header('accept-ranges', 'bytes').type('text/plain; charset=utf-8')
      if (log)
        reply.header(
          'content-disposition',
          `inline; filename="${execution.botSlug}-${execution.id}-${log.attempt}.log"`
        )

      const range = rangeOf(request.headers, size, 'The log')
      const start = range?.start ?? 0
      const end = range?.end ?? size - 1
      if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`)
      reply.header('content-length', end - start + 1)
      const nothing = !log || size === 0 || request.method === 'HEAD'
      return reply.send(nothing ? Readable.from([]) : new Download(reopened(log.path), start, end + 1))
    }
  )

  app.get(
    '/executions/:id/log/search',
    {
      schema: {
        summary: 'Find lines of a log',
        description:
          'The lines that hold a text, also while the bot runs. Letters are found in whatever case, by Unicode’s simple case ' +
          'folding: `ä` finds `Ä`. A search ends after two seconds, or 1 MiB of text: `nextLine` then says where to go on.',
        tags: ['logs'],
        params: ExecutionRef,
        querystring: LogSearchQuery,
        response: { 200: LogSearchResult, ...problems }
      },
      config: { access: 'viewer', scope: 'execution' }
    },
    async request => {
      const execution = await executions.get(request.params.id)
      const search = async () =>
        resultOf(await logs.open(execution.id, request.query.attempt), request.query, request.signal)
      return asOneOfFew(accountOf(request.principal!), () => searching.take(search))
    }
  )

  app.get(
    '/executions/:id/log/stream',
    {
      schema: {
        summary: 'Follow a log',
        description:
          'Server-Sent Events: `log` {text, at}, `state` {state, reason}, `end` {state, reason, exitCode}, on which clients close. ' +
          'The id of a `log` event is the place after it; sent back as Last-Event-ID, or as `after`, the stream goes on at that byte.',
        tags: ['logs'],
        params: ExecutionRef,
        querystring: LogStreamQuery,
        response: {
          200: { description: 'An event stream.', content: { 'text/event-stream': { schema: Type.String() } } },
          ...problems
        }
      },
      config: { access: 'viewer', scope: 'execution', stream: true },
      exposeHeadRoute: false
    },
    async (request, reply) => {
      const execution = await executions.get(request.params.id)
      const seen = cursorOf(request.headers['last-event-id'] ?? request.query.after, execution.attempts.length)
      const from = seen ?? (await beginningOf(request.query.tail, () => logs.open(execution.id)))
      const stream = streams.open(request, reply)
      const get = (id: string) => executions.get(id)
      await streamLog(stream, { logs, events, get }, execution.id, from).catch(error => {
        // The answer has begun, so the client cannot be told; it comes back where it was.
        request.log.error({ err: error, execution: execution.id }, 'a log stream broke')
        stream.destroy()
      })
    }
  )
}

/** @throws AppError `not_found` */
function reopened(path: string): LogFile {
  const file = LogFile.open(path)
  if (!file) throw new AppError('not_found', 'The log has been removed just now.')
  return file
}

/** Whether it is for lines rather than bytes. @throws AppError `invalid_request` when nobody can tell for which. */
function asksForLines({ fromLine, lines, tail }: LogQuery): boolean {
  if (fromLine !== undefined && tail !== undefined) {
    throw new AppError('invalid_request', 'Ask either for lines from fromLine on or for the tail, not for both.')
  }
  if (lines !== undefined && fromLine === undefined) {
    throw new AppError('invalid_request', 'lines says how many from fromLine on: send fromLine too, or tail instead.')
  }
  return fromLine !== undefined || tail !== undefined
}

/** @throws AppError `not_found` */
async function pageOf(log: ReadableLog | null, { attempt, fromLine, lines, tail }: LogQuery): Promise<LogPage> {
  if (!log && attempt) throw noAttempt(attempt)
  if (!log) return { attempt: 1, items: [], nextLine: null, lineCount: 0, logBytes: 0 }
  const unfollow = log.follow(() => {})
  try {
    const all = await log.lines()
    const items = tail ? await all.tail(tail) : await all.page(fromLine!, lines ?? DEFAULT_LINES)
    const last = items.at(-1)?.line ?? all.count
    const nextLine = last < all.count ? last + 1 : null
    return { attempt: log.attempt, items, nextLine, lineCount: all.count, logBytes: all.end }
  } finally {
    unfollow()
  }
}

/** @throws AppError `not_found` */
async function resultOf(log: ReadableLog | null, query: LogSearchQuery, signal: AbortSignal): Promise<LogSearchResult> {
  const { q: text, attempt, matchCase, fromLine, limit } = query
  if (!log && attempt) throw noAttempt(attempt)
  if (!log) return { attempt: 1, items: [], truncated: false, nextLine: null }
  const unfollow = log.follow(() => {})
  try {
    const until = performance.now() + SEARCH_MS
    const limits = { signal, isTimeUp: () => performance.now() > until }
    const { items, nextLine } = await searchLines(await log.lines(), { text, matchCase, fromLine, limit }, limits)
    return { attempt: log.attempt, items, truncated: nextLine !== null, nextLine }
  } finally {
    unfollow()
  }
}

/** Where the last `tail` lines of the last attempt begin; the beginning of all when no tail is asked for. */
async function beginningOf(tail: number | undefined, openLast: () => Promise<ReadableLog | null>): Promise<Cursor> {
  const log = tail === undefined ? null : await openLast()
  if (!log) return { attempt: 1, offset: 0 }
  const unfollow = log.follow(() => {})
  try {
    return { attempt: log.attempt, offset: await (await log.lines()).startOfTail(tail!) }
  } finally {
    unfollow()
  }
}

function noAttempt(attempt: number): AppError {
  return new AppError('not_found', `The execution has no attempt ${attempt}.`)
}

/**
 * Null when none is given.
 * @throws AppError `invalid_cursor` for a place this server cannot have given out.
 */
function cursorOf(text: unknown, attempts: number): Cursor | null {
  if (text === undefined || text === '') return null
  const cursor = typeof text === 'string' ? parseCursor(text) : null
  if (!cursor || cursor.attempt > Math.max(attempts, 1)) {
    throw new AppError(
      'invalid_cursor',
      'Last-Event-ID (or after) must be the id of a log event of this execution, such as 1:4096. Leave it out to begin at the start.'
    )
  }
  return cursor
}
