import { AppError } from '../lib/errors.ts'
import type { Settled } from './deliveries.ts'
import type { Receipt } from './delivery.ts'
import type { Verdict } from './verdicts.ts'

/** What the sender of a delivery is answered. */
export interface Answer {
  status: 200 | 202
  body: Receipt | { challenge: string }
}

/** What was taken and starts something, or may yet; everything else that is well is 200. */
const ACCEPTED: Verdict[] = ['started', 'skipped', 'disabled', 'automation_off']

/** @throws AppError with what the sender can do something about */
export function answerOf({ verdict, executionId, delivery, challenge, error }: Settled): Answer {
  if (error) throw toSender(error)
  if (challenge !== undefined) return { status: 200, body: { challenge } }
  return { status: ACCEPTED.includes(verdict) ? 202 : 200, body: { deliveryId: delivery.id, verdict, executionId } }
}

/** What is wrong with the bot is told to its owner, in the list of deliveries. */
function toSender(error: AppError): AppError {
  switch (error.code) {
    case 'bot_disabled':
      return new AppError('bot_disabled', 'This starts nothing at present.')
    case 'invalid_parameters':
      return new AppError('invalid_parameters', 'What it says does not fit what it is to start.')
    default:
      return error
  }
}
