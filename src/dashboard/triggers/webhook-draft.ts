import type { Webhook } from '../api/types.ts'

type Rule = Webhook['filters']['rules'][number]

/** A filter as its row in the form holds it: `value` is text. */
export interface RuleDraft {
  path: string
  op: Rule['op']
  value: string
}

export interface WebhookDraft {
  verification: Webhook['verification']
  /** A new one; empty: none is given. */
  secret: string
  header: string
  algorithm: NonNullable<Webhook['algorithm']>
  prefix: string
  encoding: NonNullable<Webhook['encoding']>
  signed: string
  timestampHeader: string
  timestampPrefix: string
  deliveryHeader: string
  match: Webhook['filters']['match']
  rules: RuleDraft[]
  map: { name: string; path: string }[]
}

export const newWebhook = (): WebhookDraft => ({
  verification: 'github',
  secret: '',
  header: '',
  algorithm: 'sha256',
  prefix: '',
  encoding: 'hex',
  signed: '{body}',
  timestampHeader: '',
  timestampPrefix: '',
  deliveryHeader: '',
  match: 'all',
  rules: [],
  map: []
})

export function webhookDraftOf(webhook: Webhook): WebhookDraft {
  const blank = newWebhook()
  return {
    verification: webhook.verification,
    secret: '',
    header: webhook.header ?? '',
    algorithm: webhook.algorithm ?? blank.algorithm,
    prefix: webhook.prefix ?? '',
    encoding: webhook.encoding ?? blank.encoding,
    signed: webhook.signed ?? blank.signed,
    timestampHeader: webhook.timestampHeader ?? '',
    timestampPrefix: webhook.timestampPrefix ?? '',
    deliveryHeader: webhook.deliveryHeader ?? '',
    match: webhook.filters.match,
    rules: webhook.filters.rules.map(({ path, op, value }) => ({ path, op, value: writeValue(value) })),
    map: Object.entries(webhook.map).map(([name, path]) => ({ name, path }))
  }
}

/** The settings that a draft stands for, its secret apart. A parameter without a name or a path is left out. */
export function webhookOf(draft: WebhookDraft) {
  const { verification, match, rules, map } = draft
  const rows = map.filter(({ name, path }) => name !== '' && path.trim() !== '')
  return {
    verification,
    ...(verification === 'hmac' && hmacOf(draft)),
    filters: { match, rules: rules.map(ruleOf) },
    map: Object.fromEntries(rows.map(({ name, path }) => [name, path.trim()]))
  }
}

function hmacOf({
  header,
  algorithm,
  prefix,
  encoding,
  signed,
  timestampHeader,
  timestampPrefix,
  deliveryHeader
}: WebhookDraft) {
  const name = (text: string) => text.trim() || null
  return {
    header: name(header),
    algorithm,
    prefix,
    encoding,
    signed,
    timestampHeader: name(timestampHeader),
    timestampPrefix,
    deliveryHeader: name(deliveryHeader)
  }
}

function ruleOf({ path, op, value }: RuleDraft): Rule {
  if (op === 'exists') return { path: path.trim(), op }
  return { path: path.trim(), op, value: op === 'equals' ? readValue(value) : value }
}

/** What is written as JSON is that: `5`, `true`, `"5"`. Everything else is text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function writeValue(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' && readValue(value) === value ? value : JSON.stringify(value)
}

/** A secret that nobody guesses, as the kind wants it: Standard Webhooks has a form of its own. */
export function makeSecret(verification: Webhook['verification']): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const base64 = btoa(String.fromCharCode(...bytes))
  if (verification === 'standard') return `whsec_${base64}`
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
