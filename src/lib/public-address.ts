import type { FastifyRequest } from 'fastify'

/** Where people reach this server, without a slash at the end: PUBLIC_URL, or where it was asked this time. */
export function publicAddress(publicUrl: string | null, request: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  return publicUrl ?? `${request.protocol}://${request.host}`
}

/** Where a person on this machine reaches a server, when nobody said where people reach it. */
export function localAddress(host: string, port: number): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
