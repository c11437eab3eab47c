import { Type } from 'typebox'
import { Id, nullable, Timestamp } from '../lib/schemas.ts'
import { OCCURRENCE_REASONS, OCCURRENCE_STATES } from './occurrences.ts'
import { Schedule } from './schemas.ts'

const STATES = ['expected', ...OCCURRENCE_STATES] as const

const fields = {
  at: Type.Integer({ description: 'Its time by the schedule, in milliseconds since 1970, UTC.' }),
  dueAt: Type.Integer({ description: 'When it runs: later than its time with jitter, or where it is made up for.' }),
  state: Type.Enum([...STATES], {
    description:
      '`expected`: it is still to come. `waiting`: it is due, or is made up for soon. `started`: it has its execution. `skipped`: it did not run, and need not have. `missed`: it was to run, and did not.'
  }),
  reason: nullable(
    Type.Enum([...OCCURRENCE_REASONS], { description: 'Why it did not run, or still waits; null where it is plain.' })
  ),
  executionId: nullable({ ...Id, description: 'What it started, or what says in the history why it did not.' })
}

export const Occurrence = Type.Object(fields, {
  $id: 'Occurrence',
  title: 'Occurrence',
  additionalProperties: false,
  description: 'A slot of a schedule, and what became of it.'
})

export const CalendarEntry = Type.Object(
  {
    triggerId: Id,
    triggerName: Type.String(),
    botId: Id,
    botSlug: Type.String(),
    botName: Type.String(),
    timezone: Type.String({ description: 'Of its schedule: an IANA name.' }),
    ...fields
  },
  { $id: 'CalendarEntry', title: 'CalendarEntry', additionalProperties: false }
)

export const Preview = Type.Object(
  {
    sentence: Type.String({ description: 'When it runs, in words.' }),
    items: Type.Array(Type.Object({ at: Timestamp }, { additionalProperties: false }), {
      description: 'Its next slots, without jitter.'
    })
  },
  { $id: 'SchedulePreview', title: 'SchedulePreview', additionalProperties: false }
)

const Moment = Type.Integer({ minimum: 0, maximum: 2 ** 48 - 1, description: 'Milliseconds since 1970, UTC.' })
const Count = Type.Integer({ minimum: 1, maximum: 100, default: 10 })

export const OccurrencesQuery = Type.Object(
  {
    from: Type.Optional({ ...Moment, description: 'The first slot is of this time or later; by default, of now.' }),
    before: Type.Optional({ ...Moment, description: 'Instead of `from`: those before this time, newest first.' }),
    count: Count
  },
  { additionalProperties: false }
)

export const PreviewRequest = Type.Object(
  {
    schedule: Type.Partial(Schedule, { additionalProperties: false }),
    from: Type.Optional({ ...Moment, description: 'The first slot is later than this; by default, than now.' }),
    count: Type.Optional(Count)
  },
  { additionalProperties: false }
)

export const CalendarQuery = Type.Object(
  {
    from: Moment,
    until: Moment,
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
    perTrigger: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'At most so many of each trigger, so that one that is due often leaves room for others.'
      })
    )
  },
  { additionalProperties: false }
)

export const Occurrences = Type.Object(
  { items: Type.Array(Type.Ref('Occurrence')) },
  { additionalProperties: false, description: 'Oldest first; with `before`, newest first.' }
)

export const Calendar = Type.Object(
  {
    items: Type.Array(Type.Ref('CalendarEntry')),
    truncated: Type.Boolean({ description: 'There are more before `until`: ask for less time at once.' }),
    more: Type.Array(Id, { description: 'Triggers of which there are more than `perTrigger`.' })
  },
  { additionalProperties: false, description: 'In the order in which they are due.' }
)
