import type { Schedule } from '../api/types.ts'
import { inUnits, timeUnits } from '../forms/amounts.ts'
import type { ScheduleDraft } from './schedule-draft.ts'

/** What may become of times that were missed. */
export const missedWords: Record<Schedule['missed'], { word: string; hint: string }> = {
  latest: { word: 'The latest runs', hint: 'Once, however many were missed.' },
  all: { word: 'All run', hint: 'One after the other, the oldest first.' },
  skip: { word: 'None runs', hint: 'It goes on with the next.' }
}

/** What stands in the folded parts of the form, each in a line. */
export const digests = {
  limits({ pattern, startAt, endAt, exclude, jitterMs }: ScheduleDraft): string {
    const days = exclude.length
    const bounds =
      pattern === 'once'
        ? []
        : [startAt && 'a start', endAt && 'an end', days > 0 && `not on ${days} ${days === 1 ? 'day' : 'days'}`]
    const parts = [...bounds, jitterMs > 0 && `up to ${inUnits(jitterMs, timeUnits)} later`]
    return parts.filter(Boolean).join(', ') || 'none'
  },
  missed({ missed, maxAgeMs }: ScheduleDraft): string {
    const { word } = missedWords[missed]
    return missed === 'skip' ? word : `${word}, up to ${inUnits(maxAgeMs, timeUnits)} late`
  }
}
