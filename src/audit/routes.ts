import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { create as contentDisposition } from 'content-disposition'
import { type Static, Type } from 'typebox'
import { firstIdAt } from '../lib/ids.ts'
import { problems, toPage } from '../lib/schemas.ts'
import { AuditExportQuery, AuditPage, AuditQuery } from './schemas.ts'
import type { AuditEntry, AuditFilter, AuditStore } from './store.ts'

/** Entries that are read at a time for an export. */
const SLICE = 500

export const auditRoutes: FastifyPluginAsyncTypebox<{ audit: AuditStore }> = async (app, { audit }) => {
  app.get(
    '/audit',
    {
      schema: {
        summary: 'Who did what',
        description: 'Newest first. It is only ever added to. Who started an execution stands with the execution.',
        tags: ['audit'],
        querystring: AuditQuery,
        response: { 200: AuditPage, ...problems }
      },
      config: { access: 'admin' }
    },
    async ({ query: { limit, cursor, ...filter } }) =>
      toPage(await audit.list(filterOf(filter), { limit, cursor }), limit)
  )

  app.get(
    '/audit/export',
    {
      schema: {
        summary: 'The audit log as a table',
        description:
          'CSV (RFC 4180), newest first; cells that a spreadsheet would take for formulas begin with a quote.',
        tags: ['audit'],
        querystring: AuditExportQuery,
        response: {
          200: { description: 'The table.', content: { 'text/csv': { schema: Type.String() } } },
          ...problems
        }
      },
      config: { access: 'admin' }
    },
    async ({ query }, reply) => {
      const { stringify } = await import('csv-stringify')
      const table = stringify({ header: true, columns: COLUMNS, escape_formulas: true, record_delimiter: 'windows' })
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', contentDisposition(`audit-${new Date().toISOString().slice(0, 10)}.csv`))
        .send(Readable.from(rowsOf(audit, filterOf(query))).pipe(table))
    }
  )
}

const COLUMNS = [
  ...['time', 'actor_kind', 'actor_id', 'actor', 'address', 'action'],
  ...['subject_type', 'subject_id', 'subject', 'before', 'after']
]

async function* rowsOf(audit: AuditStore, filter: AuditFilter): AsyncGenerator<(string | null)[]> {
  for (let cursor: string | undefined; ; ) {
    const entries = await audit.list(filter, { limit: SLICE, cursor })
    yield* entries.slice(0, SLICE).map(rowOf)
    if (entries.length <= SLICE) return
    cursor = entries[SLICE - 1]!.id
  }
}

function rowOf({ at, actor, action, subject, before, after }: AuditEntry): (string | null)[] {
  return [
    ...[new Date(at).toISOString(), actor.kind, actor.id, actor.name, actor.address, action],
    ...[subject.type, subject.id, subject.name, before && JSON.stringify(before), after && JSON.stringify(after)]
  ]
}

function filterOf({ since, until, ...filter }: Static<typeof AuditExportQuery>): AuditFilter {
  return {
    ...filter,
    ...(since !== undefined && { from: firstIdAt(since) }),
    ...(until !== undefined && { to: firstIdAt(until) })
  }
}
