import type { Occurrence } from '../api/types.ts'

/** What became of a time of a schedule: how that is called. */
export const slotStates: Record<Occurrence['state'], { word: string }> = {
  expected: { word: 'To come' },
  waiting: { word: 'Due' },
  started: { word: 'Started' },
  skipped: { word: 'Skipped' },
  missed: { word: 'Missed' }
}

export const slotReasons: Record<NonNullable<Occurrence['reason']>, string> = {
  superseded: 'A later one that was missed as well ran for it.',
  not_caught_up: 'No server ran, or the automation was off; what is missed does not run.',
  too_old: 'It could not run for longer than its schedule allows.',
  too_many: 'So many were missed that only the newest ran.',
  queue_full: 'Too much was waiting.',
  bot_disabled: 'The bot was disabled.',
  invalid_parameters: 'The bot does not take the parameters of this trigger any more.'
}
