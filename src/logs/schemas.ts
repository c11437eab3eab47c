import { type Static, Type } from 'typebox'
import { nullable } from '../lib/schemas.ts'

export const LogLine = Type.Object(
  {
    line: Type.Integer({ description: 'From 1.' }),
    offset: Type.Integer({ description: 'The byte of the log at which it begins.' }),
    at: nullable(
      Type.Integer({ description: 'When it was printed, in milliseconds, to a second; null when unknown.' })
    ),
    text: Type.String({ description: 'Without its line break (LF or CRLF). What is no UTF-8 is U+FFFD.' }),
    truncated: Type.Boolean({ description: 'The line is longer than 16 KiB; `text` is its beginning.' })
  },
  { additionalProperties: false }
)

export const LogPage = Type.Object(
  {
    attempt: Type.Integer({ description: 'From 1.' }),
    items: Type.Array(LogLine),
    nextLine: nullable(
      Type.Integer({ description: 'The `fromLine` of what comes after; null when that is nothing yet.' })
    ),
    lineCount: Type.Integer({ description: 'Lines of the log, one that is not finished yet included.' }),
    logBytes: Type.Integer({ description: 'Bytes of the log when this was read.' })
  },
  { $id: 'LogPage', title: 'LogPage', additionalProperties: false }
)

const MAX_LINES = 1000
export const DEFAULT_LINES = 200

const Tail = (description: string) => Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LINES, description }))

export const LogQuery = Type.Object(
  {
    attempt: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999, description: 'Default: the last.' })),
    fromLine: Type.Optional(Type.Integer({ minimum: 1, description: 'Answers lines as JSON, from this one on.' })),
    // Without a default of its own, as it may only be there together with `fromLine`.
    lines: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LINES,
        description: `How many from \`fromLine\` on. Default: ${DEFAULT_LINES}.`
      })
    ),
    tail: Tail('Answers the last lines as JSON, so many of them.')
  },
  { additionalProperties: false }
)

export const LogStreamQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({ maxLength: 64, description: 'Id of the last `log` event seen. The header Last-Event-ID wins.' })
    ),
    tail: Tail("Begins so many lines before the end of the last attempt's log. `after` and Last-Event-ID win.")
  },
  { additionalProperties: false }
)

export const LogSearchQuery = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\r\\n]*$',
      description: 'The text to find: no pattern, and within a line.'
    }),
    attempt: LogQuery.properties.attempt,
    matchCase: Type.Boolean({ default: false, description: 'Tells `Error` from `error`.' }),
    fromLine: Type.Integer({ minimum: 1, default: 1, description: 'The first line that is looked at.' }),
    limit: Type.Integer({ minimum: 1, maximum: MAX_LINES, default: 100, description: 'How many lines at most.' })
  },
  { additionalProperties: false }
)

const { at: _, ...foundLine } = LogLine.properties

export const LogSearchResult = Type.Object(
  {
    attempt: LogPage.properties.attempt,
    items: Type.Array(Type.Object(foundLine, { additionalProperties: false })),
    truncated: Type.Boolean({ description: 'Not all of the log has been looked through.' }),
    nextLine: nullable(
      Type.Integer({ description: 'The `fromLine` of a search for the rest; null when there is no rest now.' })
    )
  },
  { additionalProperties: false }
)

export type LogSearchQuery = Static<typeof LogSearchQuery>
export type LogSearchResult = Static<typeof LogSearchResult>
export type LogPage = Static<typeof LogPage>
export type LogQuery = Static<typeof LogQuery>
