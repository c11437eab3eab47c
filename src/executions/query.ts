import { AppError } from '../lib/errors.ts'
import { isId } from '../lib/ids.ts'
import { type ExecutionFilter, STATES, TRIGGERS } from './execution.ts'
import { MAX_BOTS_AT_ONCE } from './schemas.ts'

/** What a query asks of the history. @throws AppError `invalid_request` that says what is allowed. */
export function filterOf(query: {
  state?: string
  trigger?: string
  triggerId?: string
  since?: number
  until?: number
}): ExecutionFilter {
  return {
    ...(query.state !== undefined && { states: oneOrMoreOf(STATES, query.state, 'state') }),
    ...(query.trigger !== undefined && { triggers: oneOrMoreOf(TRIGGERS, query.trigger, 'trigger') }),
    ...(query.triggerId !== undefined && { triggerId: triggerIdOf(query.triggerId) }),
    ...(query.since !== undefined && { since: query.since }),
    ...(query.until !== undefined && { until: query.until })
  }
}

/** Ids of bots out of a list with commas. @throws AppError `invalid_request` */
export function botIdsOf(list: string): string[] {
  const ids = [...new Set(list.split(','))]
  if (ids.length <= MAX_BOTS_AT_ONCE && ids.every(isId)) return ids
  const message = `must be ids of 1 to ${MAX_BOTS_AT_ONCE} bots, separated by commas`
  throw new AppError('invalid_request', `bots ${message}.`, { errors: [{ path: '/bots', message }] })
}

function triggerIdOf(id: string): string {
  if (isId(id)) return id
  const message = 'must be the id of a trigger, as `triggerId` of an execution says it'
  throw new AppError('invalid_request', `triggerId ${message}.`, { errors: [{ path: '/triggerId', message }] })
}

function oneOrMoreOf<T extends string>(allowed: readonly T[], list: string, name: string): T[] {
  const asked = [...new Set(list.split(','))]
  const values = allowed.filter(value => asked.includes(value))
  if (values.length === asked.length) return values
  const message = `must be of ${allowed.join(', ')}; more than one separated by commas`
  throw new AppError('invalid_request', `${name} ${message}.`, { errors: [{ path: `/${name}`, message }] })
}
