import type { EventHub } from '../events/hub.ts'
import { type Execution, hasEnded } from './execution.ts'

/** An execution that has ended may be announced twice, within moments. */
const REMEMBERED = 1000

/** Calls `hear` once for each execution that ends, or is skipped, while this server runs. Trials say nothing of a bot. */
export function onEnded(events: EventHub, hear: (execution: Execution) => void): void {
  const ended = new Set<string>()
  events.subscribe(['executions'], ({ type, data }) => {
    if (type !== 'execution.changed') return
    const execution = data as Execution
    if (execution.trial || !hasEnded(execution) || ended.has(execution.id)) return
    ended.add(execution.id)
    if (ended.size > REMEMBERED) ended.delete(ended.values().next().value!)
    hear(execution)
  })
}
