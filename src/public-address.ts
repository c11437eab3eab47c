import type { FastifyRequest } from 'fastify'

/** Where people reach this server, without a slash at the end: PUBLIC_URL, or where it was asked this time. */
export function publicAddress(publicUrl: string | null, request: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  return publicUrl ?? `${request.protocol}://${request.host}`
}
