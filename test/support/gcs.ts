import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CRC32C } from '@google-cloud/storage'
import type { Test } from 'tap'

/** A page of a list, so that few objects make several. */
const PAGE = 3

interface GcsObject {
  bytes: Buffer
  updated: string
}

/**
 * The calls of Google Cloud Storage's JSON API that are used here, with one bucket `bots` in memory: uploads whole and in pieces,
 * metadata, media with ranges, lists by page, deletes. It asks for no credentials.
 * @returns its address, for STORAGE_EMULATOR_HOST, and what it holds.
 */
export async function startGcs(t: Test): Promise<{ url: string; objects: Map<string, GcsObject> }> {
  const objects = new Map<string, GcsObject>()
  const sessions = new Map<string, { name: string; bytes: Buffer[] }>()

  const keep = (response: ServerResponse, name: string, bytes: Buffer) => {
    objects.set(name, { bytes, updated: new Date().toISOString() })
    json(response, 200, metadata(name, objects.get(name)!))
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://gcs')
    const body = await bodyOf(request)
    const path = url.pathname.replace('/storage/v1', '')
    const session = sessions.get(url.searchParams.get('upload_id') ?? '')
    if (session) {
      session.bytes.push(body)
      const [, end, total] = /-(\d+)\/(\d+|\*)$/.exec(request.headers['content-range'] ?? '') ?? []
      if (end !== undefined && (total === '*' || Number(end) + 1 < Number(total)))
        return void response.writeHead(308, { range: `bytes=0-${end}`, 'content-length': 0 }).end()
      return keep(response, session.name, Buffer.concat(session.bytes))
    }
    const [, uploads, bucket, name] = /^(\/upload)?\/b\/([^/]+)\/o(?:\/(.+))?$/.exec(path) ?? []
    if (bucket !== 'bots') return refuse(response, 404, 'The specified bucket does not exist.')
    if (uploads && url.searchParams.get('uploadType') === 'resumable') {
      const id = randomUUID()
      sessions.set(id, { name: url.searchParams.get('name')!, bytes: [] })
      const location = `http://${request.headers.host}${url.pathname}?upload_id=${id}`
      return void response.writeHead(200, { location, 'content-length': 0 }).end()
    }
    if (uploads) {
      const boundary = /boundary=([^;]+)/.exec(request.headers['content-type']!)![1]!
      const parts = body.toString('latin1').split(`--${boundary}`).slice(1, -1)
      const [about, media] = parts.map(part => part.slice(part.indexOf('\r\n\r\n') + 4, -2))
      const key = url.searchParams.get('name') ?? JSON.parse(Buffer.from(about!, 'latin1').toString()).name
      return keep(response, key, Buffer.from(media!, 'latin1'))
    }
    if (name === undefined) return list(response, objects, url.searchParams)
    const key = decodeURIComponent(name)
    const object = objects.get(key)
    if (!object) return refuse(response, 404, `No such object: ${bucket}/${key}`)
    if (request.method === 'DELETE') {
      objects.delete(key)
      return void response.writeHead(204).end()
    }
    if (url.searchParams.get('alt') !== 'media') return json(response, 200, metadata(key, object))
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    const bytes = range
      ? object.bytes.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined)
      : object.bytes
    response.writeHead(range ? 206 : 200, { 'content-length': bytes.length }).end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects }
}

function list(response: ServerResponse, objects: Map<string, GcsObject>, query: URLSearchParams): void {
  const after = query.get('pageToken') ?? ''
  const names = [...objects.keys()].filter(name => name.startsWith(query.get('prefix') ?? '') && name > after).sort()
  const page = names.slice(0, PAGE)
  const items = page.map(name => metadata(name, objects.get(name)!))
  json(response, 200, { items, ...(names.length > PAGE ? { nextPageToken: page.at(-1) } : {}) })
}

function metadata(name: string, { bytes, updated }: GcsObject): object {
  const crc = new CRC32C()
  crc.update(bytes)
  const md5Hash = createHash('md5').update(bytes).digest('base64')
  return {
    kind: 'storage#object',
    bucket: 'bots',
    name,
    size: String(bytes.length),
    updated,
    md5Hash,
    crc32c: crc.toString()
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, code: number, message: string): void {
  json(response, code, { error: { code, message, errors: [{ message, reason: 'notFound' }] } })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
