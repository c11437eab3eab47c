import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError, type ErrorCode, type FieldError, withoutQuote } from '../lib/errors.ts'
import { shortageIn, withAdvice } from '../lib/shortages.ts'

// An `import` of node:http reads every export of it, WebSocket included, and so loads an HTTP client nobody uses: 17 MB.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** What Fastify itself refuses, in our words. */
const fastifyCodes: Record<string, { code: ErrorCode; detail: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'body_too_large',
    detail: 'The body is over the limit: 1 MiB; 16 KiB where people sign in, 10 MiB of what is delivered to webhooks.'
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'Send JSON, with the header Content-Type: application/json.'
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    code: 'invalid_json',
    detail: 'The body is empty, though its Content-Type says JSON. Send JSON or no Content-Type.'
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body is not as long as its Content-Length says.'
  },
  FST_ERR_BAD_URL: { code: 'invalid_request', detail: 'The address is not a valid URL.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid_request', detail: 'A part of the address is too long.' },
  FST_ERR_HANDLER_TIMEOUT: { code: 'unavailable', detail: 'The answer took too long. Try again later.' },
  FST_ERR_ASYNC_CONSTRAINT: { code: 'invalid_request', detail: 'The address is not a valid URL.' }
}

/** Makes every error an RFC 9457 problem: the one place where errors become HTTP. */
export const problemDetails = fp(
  async app => {
    app.setErrorHandler(async (error: FastifyError | AppError, request, reply) => {
      const problem = error instanceof AppError ? error : fromFastify(error, request.id)
      if (problem.status >= 500 && !(error instanceof AppError))
        request.log.error({ err: error }, withAdvice('a request failed', error))
      return sendProblem(request, reply, problem)
    })

    app.setNotFoundHandler(async (request, reply) => {
      return sendProblem(
        request,
        reply,
        new AppError('not_found', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`)
      )
    })
  },
  { name: 'problem-details' }
)

/** What Node itself cannot read as HTTP never reaches a route; it is answered over the bare socket. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const problem = unreadable(error.code)
  const { status, code } = problem
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    detail: problem.message
  })
  if (socket.writable) {
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n`
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  socket.destroy(error)
}

function unreadable(code: string | undefined): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('request_timeout', 'The request did not arrive in time.')
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('headers_too_large', 'The headers are larger than 16 KiB.')
  return new AppError('invalid_request', 'That is not HTTP.')
}

/** An address the router gives up on reaches no route, and so no error handler. */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(request, reply, fromFastify(error, request.id))
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: AppError) {
  const { status, code, errors } = error
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    detail: error.message,
    instance: `urn:botyard:request:${request.id}`,
    // What a person quotes who asks for help: only then does the log say more.
    requestId: status >= 500 ? request.id : undefined,
    errors
  }
  // An address that the router gives up on has met no hook.
  const headers = { 'x-request-id': request.id, ...error.headers }
  return reply.code(status).headers(headers).type('application/problem+json').send(JSON.stringify(body))
}

function fromFastify(error: FastifyError, requestId: string): AppError {
  if (error.validation) {
    const errors = error.validation.map(problem => describe(problem, error.validationContext))
    return new AppError(
      'invalid_request',
      `The ${where(error.validationContext)} is not as it should be: see errors.`,
      { errors }
    )
  }
  const known = fastifyCodes[error.code]
  if (known) return new AppError(known.code, known.detail)
  if (error.statusCode === 429) return new AppError('rate_limited', 'Too many requests. Wait a minute.')
  if (error.statusCode === 400 && (error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY')) {
    return new AppError('invalid_json', `The body is not JSON: ${withoutQuote(error.message)}`)
  }
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new AppError('invalid_request', error.message)
  if (shortageIn(error)) {
    return new AppError(
      'unavailable',
      'The machine has run out of something; the server log says what. Try again later.',
      {
        headers: { 'retry-after': '10' }
      }
    )
  }
  return new AppError(
    'internal',
    `Something went wrong on our side; the server log says what, under the request ${requestId}.`
  )
}

function where(context: string | undefined): string {
  return context === 'querystring' ? 'query' : context === 'params' ? 'address' : (context ?? 'request')
}

function describe(problem: NonNullable<FastifyError['validation']>[number], context: string | undefined): FieldError {
  const { missingProperty, additionalProperty, allowedValues, allowedValue, propertyName } = problem.params as Record<
    string,
    unknown
  >
  const name = missingProperty ?? additionalProperty ?? propertyName
  const path = `${problem.instancePath}${typeof name === 'string' ? `/${name}` : ''}` || '/'
  if (missingProperty) return { path, message: 'is required' }
  if (additionalProperty) return { path, message: `is not known${context === 'body' ? ' here' : ''}` }
  if (problem.params.format === 'email') return { path, message: 'is not an e-mail address' }
  const allowed = allowedValues ?? (allowedValue === undefined ? undefined : [allowedValue])
  return {
    path,
    message: `${problem.message}${Array.isArray(allowed) ? `: ${allowed.map(v => JSON.stringify(v)).join(', ')}` : ''}`
  }
}
