import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import type { LocationQuery } from 'vue-router'
import { answerOf, api } from '../api/client'
import { instantIn, textIn, useAddressFilter } from '../composables/address-filter'
import { keys } from '../live/query-feed'
import { type Action, actionWords } from './sentences'

export interface AuditFilter {
  /** Id of a user or a token. */
  actor?: string | undefined
  action?: Action | undefined
  since?: number | undefined
  until?: number | undefined
}

function filterOf(query: LocationQuery): AuditFilter {
  const action = textIn(query, 'action')
  return {
    actor: textIn(query, 'actor'),
    action: action && Object.hasOwn(actionWords, action) ? (action as Action) : undefined,
    since: instantIn(query, 'since'),
    until: instantIn(query, 'until')
  }
}

/** What the audit log is narrowed to. */
export const useAuditFilter = () => useAddressFilter(filterOf)

/** Entries that fit, newest first, page by page. No event tells of them: whoever comes here reads them anew. */
export function useAudit(filter: MaybeRefOrGetter<AuditFilter>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.audit(toValue(filter))),
    queryFn: ({ pageParam, signal }) => {
      const params = { query: { ...toValue(filter), limit: 50, cursor: pageParam ?? undefined } }
      return answerOf(api.GET('/admin/audit', { params, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchOnMount: 'always'
  })
  return { ...query, entries: computed(() => query.data.value?.pages.flatMap(page => page.items)) }
}

/** Where the entries that fit are downloaded from, as a table. */
export function exportAddress(filter: AuditFilter): string {
  const query = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return `/admin/audit/export?${new URLSearchParams(query)}`
}
