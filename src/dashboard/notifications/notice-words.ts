import type { Notice } from '../api/types.ts'

/** What became of a notice. */
export const noticeStates: Record<Notice['state'], string> = {
  waiting: 'Waiting',
  sent: 'Sent',
  failed: 'Given up',
  suppressed: 'Kept quiet'
}

/** Whether it can be sent now: one that has not been tried yet is about to be. */
export const mayRetry = ({ state, tries }: Pick<Notice, 'state' | 'tries'>): boolean =>
  state === 'failed' || (state === 'waiting' && tries > 0)

/** How often it was tried, where that was not once. */
export function triesOf({ tries, state }: Pick<Notice, 'state' | 'tries'>): string {
  if (tries === 0 || (tries === 1 && state === 'sent')) return ''
  return tries === 1 ? 'Tried once' : `Tried ${tries} times`
}
