import type { FieldError } from '../lib/errors.ts'
import type { KindRules } from '../triggers/kinds.ts'
import { loadEngines } from './engines.ts'
import { filterProblems } from './filters.ts'
import { mappingProblems } from './mapping.ts'
import { secretProblem } from './verification.ts'
import type { HmacSettings, Verification, VerificationKind, Webhook } from './webhook.ts'

const BLANK: { [name in keyof HmacSettings]: null } = {
  header: null,
  algorithm: null,
  prefix: null,
  encoding: null,
  signed: null,
  timestampHeader: null,
  timestampPrefix: null,
  deliveryHeader: null
}

/** What most senders do that sign with an HMAC; the header is each one's own. */
const USUAL = { algorithm: 'sha256', prefix: '', encoding: 'hex', signed: '{body}', timestampPrefix: '' } as const

export const webhookRules: KindRules<Webhook> = {
  settle(given, before) {
    const settings: Webhook = {
      // To believe whoever knows the address takes saying so; so does everything else.
      verification: '' as VerificationKind,
      ...BLANK,
      hasSecret: false,
      url: '',
      filters: { match: 'all', rules: [] },
      map: {},
      ...before,
      ...given
    }
    return settings.verification === 'hmac' ? usual(settings) : { ...settings, ...unlessGiven(given) }
  },

  async problems({ webhook }, bot, _before, secret) {
    const settings = webhook!
    const engines = await loadEngines()
    const declared = (bot.parameters.properties ?? {}) as object
    const unknown = Object.keys(settings.map).filter(name => !Object.hasOwn(declared, name))
    return [
      ...verificationProblems(settings, settings.hasSecret, secret),
      ...under('/webhook/filters', filterProblems(engines, settings.filters)),
      ...under('/webhook/map', mappingProblems(engines, settings.map)),
      ...unknown.map(name => ({ path: `/webhook/map/${name}`, message: 'the bot declares no such parameter' }))
    ]
  }
}

function usual(settings: Webhook): Webhook {
  const filled = Object.entries(USUAL).map(([name, value]) => [name, settings[name as keyof typeof USUAL] ?? value])
  const lower = (name: string | null) => name?.toLowerCase() ?? null
  return {
    ...settings,
    ...Object.fromEntries(filled),
    header: lower(settings.header),
    timestampHeader: lower(settings.timestampHeader),
    deliveryHeader: lower(settings.deliveryHeader)
  }
}

/** Settings of `hmac` that were there before go with it; those that are given now are wrong, and to be seen. */
const unlessGiven = (given: Partial<Webhook>) =>
  Object.fromEntries(Object.keys(BLANK).map(name => [name, given[name as keyof HmacSettings] ?? null]))

function verificationProblems(settings: Verification, hasSecret: boolean, secret: string | undefined): FieldError[] {
  const { verification } = settings
  const problem = (name: string, message: string | null) => ({ path: `/webhook/${name}`, message })
  if (!verification)
    return [{ path: '/webhook/verification', message: 'must say how senders prove who they are, be it `none`' }]
  const secretIsWrong =
    secret !== undefined
      ? secretProblem(verification, secret)
      : !hasSecret && verification !== 'none'
        ? 'is required: what the sender signs with'
        : null
  return [
    problem('secret', secretIsWrong),
    ...(verification === 'hmac' ? hmacProblems(settings) : strayProblems(settings))
  ].filter((one): one is FieldError => one.message !== null)
}

function strayProblems(settings: Verification) {
  const given = Object.keys(BLANK).filter(name => settings[name as keyof HmacSettings] !== null)
  return given.map(name => ({ path: `/webhook/${name}`, message: 'is for the verification hmac alone' }))
}

function hmacProblems({ header, signed, timestampHeader }: Verification) {
  const isTimed = signed!.includes('{timestamp}')
  return [
    { path: '/webhook/header', message: header ? null : 'must name the header with the signature' },
    { path: '/webhook/signed', message: signed!.split('{body}').length === 2 ? null : 'must have {body} in it, once' },
    {
      path: '/webhook/signed',
      message: timestampHeader && !isTimed ? 'must have {timestamp} in it, or anybody could change the time' : null
    },
    {
      path: '/webhook/timestampHeader',
      message: isTimed && !timestampHeader ? 'must name the header whose time is signed' : null
    }
  ]
}

const under = (path: string, errors: FieldError[]) => errors.map(error => ({ ...error, path: path + error.path }))
