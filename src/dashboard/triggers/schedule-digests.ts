import type { Schedule } from '../api/types.ts'
import { inUnits, timeUnits } from '../forms/amounts.ts'
import type { ScheduleDraft } from './schedule-draft.ts'

/** What may become of times that were missed. */
export const missedChoices: { value: Schedule['missed']; word: string; meaning: string }[] = [
  { value: 'latest', word: 'The latest runs', meaning: 'Once, however many were missed.' },
  { value: 'all', word: 'All run', meaning: 'One after the other, the oldest first.' },
  { value: 'skip', word: 'None runs', meaning: 'It goes on with the next.' }
]

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
    const { word } = missedChoices.find(({ value }) => value === missed)!
    return missed === 'skip' ? word : `${word}, up to ${inUnits(maxAgeMs, timeUnits)} late`
  }
}
