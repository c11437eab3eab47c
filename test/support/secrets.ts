import type { Answer, Client } from './client.ts'

export function putSecret(client: Client, name: string, value: string, description?: string): Promise<Answer> {
  return client.request('PUT', `/api/secrets/${encodeURIComponent(name)}`, {
    body: { value, ...(description !== undefined && { description }) }
  })
}

export async function secretsOf(client: Client): Promise<{ name: string; [field: string]: unknown }[]> {
  return (await client.get('/api/secrets')).body.items
}

/** A shell script that prints the SHA-256 of a variable, and so proves that it was given without printing it. */
export const printsHashOf = (name: string): string[] => [
  '/bin/sh',
  '-c',
  `printf %s "$${name}" | sha256sum | cut -d ' ' -f 1`
]
