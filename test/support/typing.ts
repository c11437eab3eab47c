import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import type { Client } from './client.ts'

/** For tests that need terminals. */
export const needsScript = {
  skip: existsSync('/usr/bin/script') || process.env.CI === 'true' ? false : 'script is not installed'
}

/** Sends text to the input of an execution; it must be taken. */
export async function type(client: Client, id: string, text: string): Promise<void> {
  const answer = await sendInput(client, id, text)
  if (answer.status !== 204) throw new Error(`type: ${answer.status} ${answer.text}`)
}

export const sendInput = (client: Client, id: string, text: string) =>
  client.post(`/api/executions/${id}/input`, { text })

export const resize = (client: Client, id: string, columns: number, rows: number) =>
  client.post(`/api/executions/${id}/resize`, { columns, rows })

/** The FIFOs of attempts that this process has open. */
export function openInputs(): string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.endsWith('/input') ? [path] : []
    } catch {
      return [] // closed meanwhile
    }
  })
}

/** Lines that a terminal takes, which has room for 4095 bytes of one, `bytes` long in all. */
export function pasteOf(bytes: number): string {
  let text = ''
  for (let line = 0; text.length < bytes; line++) text += `${line} ${'abcdefghij'.repeat(line % 300)}\n`
  return `${text.slice(0, bytes - 1)}\n`
}
