import type { LocationQuery } from 'vue-router'
import { instantIn, textIn, useAddressFilter } from '../composables/address-filter'
import type { ExecutionFilter } from '../composables/executions'

function filterOf(query: LocationQuery): ExecutionFilter {
  return {
    bot: textIn(query, 'bot'),
    state: textIn(query, 'state'),
    trigger: textIn(query, 'trigger'),
    triggerId: textIn(query, 'triggerId'),
    since: instantIn(query, 'since'),
    until: instantIn(query, 'until')
  }
}

/** What the history is narrowed to. */
export const useHistoryFilter = () => useAddressFilter(filterOf)
