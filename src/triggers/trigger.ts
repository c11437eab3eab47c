import type { Static } from 'typebox'
import type * as schemas from './schemas.ts'

/** Why a bot runs when nobody starts it: a schedule, a webhook, or another bot that has ended. */
export type Trigger = Static<typeof schemas.Trigger>
export type CreateTrigger = Static<typeof schemas.CreateTrigger>
export type UpdateTrigger = Static<typeof schemas.UpdateTrigger>
export type Schedule = Static<typeof schemas.Schedule>
export type Chain = Static<typeof schemas.Chain>
