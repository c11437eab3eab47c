import { createSocket } from 'node:dgram'
import { type LookupAddress, type LookupOptions, type lookup, Resolver } from 'node:dns'
import { once } from 'node:events'
import type { Test } from 'tap'

/**
 * A name server that answers questions for IPv4 addresses, as `addressOf` says at the moment of the question, and knows
 * nothing else. @returns what looks names up there, in place of the system's.
 */
export async function startDns(t: Test, addressOf: (name: string) => string): Promise<typeof lookup> {
  const server = createSocket('udp4')
  server.on('message', (query, from) => server.send(answerTo(query, addressOf), from.port, from.address))
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const resolver = new Resolver()
  resolver.setServers([`127.0.0.1:${server.address().port}`])
  const lookUp = (
    host: string,
    _options: LookupOptions,
    callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void
  ) => resolver.resolve4(host, (error, found) => callback(error, found?.map(address => ({ address, family: 4 })) ?? []))
  return lookUp as typeof lookup
}

/** RFC 1035, section 4: the question once more, and where it is for an A record (1), one that is good for no time at all. */
function answerTo(query: Buffer, addressOf: (name: string) => string): Buffer {
  const labels: string[] = []
  let at = 12
  for (; query[at] !== 0; at += 1 + query[at]!) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
  const question = query.subarray(12, at + 5)
  const isForAddress = query.readUInt16BE(at + 1) === 1
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(isForAddress ? 1 : 0, 6)
  const record = Buffer.from([
    0xc0,
    12,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    4,
    ...addressOf(labels.join('.')).split('.').map(Number)
  ])
  return Buffer.concat([header, question, ...(isForAddress ? [record] : [])])
}
