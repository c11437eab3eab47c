import type { KindRules } from '../triggers/kinds.ts'
import type { Webhook } from '../triggers/trigger.ts'

export const webhookRules: KindRules<Webhook> = {
  settle: (given, before) => ({
    verification: 'standard',
    hasSecret: false,
    filters: { match: 'all', rules: [] },
    map: {},
    ...before,
    ...given
  }),
  problems: () => []
}
