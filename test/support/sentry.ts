import { createServer } from 'node:http'
import type { Test } from 'tap'

/** A place that reports are sent to, as Sentry takes them. */
export interface SentryEndpoint {
  dsn: string
  /** All that came, as it came. */
  text(): string
  /** The items that came, without their headers. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  items(type: 'event' | 'transaction'): any[]
}

/** @param answers false for one that takes connections and never says anything. */
export async function startSentryEndpoint(t: Test, answers = true): Promise<SentryEndpoint> {
  const envelopes: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    envelopes.push(Buffer.concat(chunks).toString())
    if (answers) response.end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    dsn: `http://key@127.0.0.1:${(server.address() as { port: number }).port}/1`,
    text: () => envelopes.join('\n'),
    items: type =>
      envelopes.flatMap(envelope => {
        const [, ...lines] = envelope.split('\n').map(line => JSON.parse(line))
        return lines.flatMap((header, n) => (n % 2 === 0 && header.type === type ? [lines[n + 1]] : []))
      })
  }
}
