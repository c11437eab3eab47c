/** Everything that can be wrong with a request, by its code, and the HTTP status that says so. */
const statuses = {
  invalid_request: 400,
  invalid_json: 400,
  invalid_parameters: 400,
  invalid_cursor: 400,
  unauthenticated: 401,
  invalid_credentials: 401,
  invalid_signature: 401,
  second_factor_required: 401,
  invalid_second_factor: 401,
  forbidden: 403,
  cross_site: 403,
  invalid_setup_token: 403,
  invalid_link: 403,
  wrong_password: 403,
  session_too_old: 403,
  not_found: 404,
  request_timeout: 408,
  slug_taken: 409,
  bot_busy: 409,
  bot_disabled: 409,
  already_set_up: 409,
  email_taken: 409,
  last_admin: 409,
  second_factor_exists: 409,
  too_many_tokens: 409,
  execution_ended: 409,
  secret_in_use: 409,
  channel_in_use: 409,
  nothing_to_retry: 409,
  no_input: 409,
  not_replayable: 409,
  input_full: 409,
  backup_running: 409,
  no_backup_place: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  idempotency_key_reused: 422,
  rate_limited: 429,
  headers_too_large: 431,
  internal: 500,
  overloaded: 503,
  too_many_streams: 503,
  queue_full: 503,
  unavailable: 503
} as const

export type ErrorCode = keyof typeof statuses

/** One thing that is wrong with one field: `path` is a JSON pointer into what was sent. */
export interface FieldError {
  path: string
  message: string
}

/**
 * What went wrong, for the caller of the API. `code` is for programs; `detail` is for people and says what to do.
 * The plugin `problem-details` makes the response from it.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>

  constructor(
    code: ErrorCode,
    detail: string,
    options: { errors?: FieldError[]; headers?: Record<string, string>; cause?: unknown } = {}
  ) {
    super(detail, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = statuses[code]
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }
}

/** A reason not to start, for whoever started the server: printed as it is, without a stack, and the process exits 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** What JSON.parse complains about, without what it quotes of the text: that may be a secret. */
export function withoutQuote(message: string): string {
  return message.replace(/, (\.\.\.)?".*$/s, '')
}
