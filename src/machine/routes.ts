import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { BackupState } from '../backup/past.ts'
import { problems } from '../lib/schemas.ts'
import type { Machine } from './machine.ts'
import { Drain } from './schemas.ts'

/** What of the machine's state others know. */
export interface MachineFacts {
  load(): Promise<{ queued: number; running: number }>
  backup(): BackupState | null
  maxConcurrentExecutions: number
  maxQueuedExecutions: number
  /** Which limits of bots can be kept. */
  limits: { memory: boolean; cpus: boolean; pids: boolean }
  botUser: string | null
  publicUrl: string | null
}

export const machineRoutes: FastifyPluginAsyncTypebox<{ machine: Machine; facts: MachineFacts }> = async (
  app,
  { machine, facts: { load, backup, ...facts } }
) => {
  const now = async () => ({ ...machine.state(), ...(await load()), backup: backup(), ...facts })

  app.get(
    '/machine',
    {
      schema: {
        summary: 'The machine that bots run on',
        tags: ['machine'],
        response: { 200: Type.Ref('Machine'), ...problems }
      },
      config: { access: 'viewer' }
    },
    now
  )

  app.put(
    '/machine/drain',
    {
      schema: {
        summary: 'Let what runs end, and start nothing new',
        description: 'What is started meanwhile waits. It holds until it is taken back, also across restarts.',
        tags: ['machine'],
        body: Drain,
        response: { 200: Type.Ref('Machine'), ...problems }
      },
      config: { access: 'admin', vital: true }
    },
    async request => {
      await machine.drain(request.body.enabled, request.actor)
      return now()
    }
  )
}
