import { hostname } from 'node:os'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { create as contentDisposition } from 'content-disposition'
import { Type } from 'typebox'
import type { AuditStore } from '../audit/store.ts'
import { DOWNLOAD_TIMEOUT_MS } from '../lib/download.ts'
import { problems } from '../lib/schemas.ts'
import type { Backups } from './backups.ts'

const subject = { type: 'machine', id: null, name: hostname() } as const

export const backupRoutes: FastifyPluginAsyncTypebox<{ backups: Backups; audit: Pick<AuditStore, 'add'> }> = async (
  app,
  { backups, audit }
) => {
  app.get(
    '/backup',
    {
      schema: {
        summary: 'Download a backup',
        description:
          'Made as it is sent: the database, logs and artifacts as a tar archive, compressed by zstd, and encrypted by age where BACKUP_PASSPHRASE is set. Only then the key of all secrets is in it. When something goes wrong the connection breaks off: what came so far is no backup.',
        tags: ['backup'],
        response: {
          200: {
            description: 'Its bytes.',
            content: { 'application/octet-stream': { schema: Type.String() } }
          },
          ...problems
        }
      },
      config: { access: 'admin' },
      exposeHeadRoute: false,
      handlerTimeout: DOWNLOAD_TIMEOUT_MS
    },
    async (request, reply) => {
      // Written down before: who has it has it, whatever becomes of us.
      await audit.add({ actor: request.actor, action: 'backup.downloaded', subject })
      const { name, bytes } = await backups.download()
      return reply
        .type('application/octet-stream')
        .header('content-disposition', contentDisposition(name))
        .header('cache-control', 'no-store')
        .send(bytes)
    }
  )

  app.post(
    '/backup',
    {
      schema: {
        summary: 'Have a backup made',
        description: 'To BACKUP_URL, as is done by itself. It goes on when this is answered.',
        tags: ['backup'],
        response: { 202: Type.Ref('BackupState'), ...problems }
      },
      config: { access: 'admin' }
    },
    async (request, reply) => {
      backups.make()
      await audit.add({ actor: request.actor, action: 'backup.made', subject })
      return reply.code(202).send(backups.state())
    }
  )
}
