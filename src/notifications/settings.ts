import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FieldError } from '../lib/errors.ts'
import { kinds } from './channels/kinds.ts'
import type { ChannelKindName } from './notifications.ts'

export type Settings = Record<string, unknown>

/** Made when somebody first sets a channel up. */
const checks = new Map<ChannelKindName, ValidateFunction>()

/** Whole settings of a channel, secret ones included; `errors` when nothing can be sent with them. Paths begin at /settings. */
export function settle(kind: ChannelKindName, given: Settings): { settings: Settings; errors: FieldError[] } {
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  let check = checks.get(kind)
  if (!check) {
    const ajv = addFormats.default(new Ajv({ allErrors: true, useDefaults: true, strict: false }))
    check = ajv.compile(kinds[kind].settings)
    checks.set(kind, check)
  }
  const errors = check(settings) ? kinds[kind].problems(settings) : (check.errors ?? []).map(asFieldError)
  return { settings, errors: errors.map(({ path, message }) => ({ path: `/settings${path}`, message })) }
}

/** Which of the settings are secret, and which may be shown. */
export function divided(kind: ChannelKindName, settings: Settings): { open: Settings; secret: Record<string, string> } {
  const entries = Object.entries(settings)
  const isSecret = ([name]: [string, unknown]) => kinds[kind].secrets.includes(name)
  return {
    open: Object.fromEntries(entries.filter(entry => !isSecret(entry))),
    secret: Object.fromEntries(entries.filter(isSecret)) as Record<string, string>
  }
}

/**
 * The secrets that would be told to somebody else than before: whoever may change where a channel leads is not to come to
 * them by that.
 */
export function misdirected(kind: ChannelKindName, before: Settings, after: Settings, given: Settings): FieldError[] {
  if (!kinds[kind].leadsTo.some(name => before[name] !== after[name])) return []
  return kinds[kind].secrets
    .filter(name => after[name] !== undefined && given[name] === undefined)
    .map(name => ({ path: `/settings/${name}`, message: 'must be given again, as it would be told to another server' }))
}

function asFieldError({ instancePath, message = '', params }: ErrorObject): FieldError {
  const { missingProperty, additionalProperty } = params as Record<string, string | undefined>
  const name = missingProperty ?? additionalProperty
  if (name === undefined) return { path: instancePath, message }
  const words = missingProperty === undefined ? 'is no setting of this kind of channel' : 'is required'
  return { path: `${instancePath}/${name}`, message: words }
}
