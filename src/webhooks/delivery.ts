import type { Static } from 'typebox'
import type { DeliveryRow } from '../db/schema.ts'
import type * as schemas from './schemas.ts'
import type { Verdict } from './verdicts.ts'

/** Something that was sent to the address of a webhook, as lists show it. */
export type Delivery = Static<typeof schemas.Delivery>
export type DeliveryDetail = Static<typeof schemas.DeliveryDetail>
export type Receipt = Static<typeof schemas.Receipt>

/** What is known of it when it comes in. */
export interface Arrival {
  triggerId: string
  key: string | null
  address: string
  headers: Record<string, string>
  query: Record<string, string>
  body: Buffer
}

/** How a delivery was settled. */
export interface Outcome {
  verdict: Verdict
  detail: string | null
  executionId: string | null
}

/** The columns of a delivery but headers, query and body, which may be much. */
export const LISTED_COLUMNS = [
  'id',
  'trigger_id',
  'key',
  'received_at',
  'address',
  'verified',
  'verdict',
  'detail',
  'body_bytes',
  'execution_id',
  'replay_of',
  'repeat_of'
] as const

export function fromRow(row: Pick<DeliveryRow, (typeof LISTED_COLUMNS)[number]>): Delivery {
  return {
    id: row.id,
    triggerId: row.trigger_id,
    key: row.key,
    receivedAt: row.received_at,
    address: row.address,
    verified: row.verified === 1,
    verdict: row.verdict as Verdict,
    detail: row.detail,
    bodyBytes: row.body_bytes,
    executionId: row.execution_id,
    replayOf: row.replay_of,
    repeatOf: row.repeat_of
  }
}
