import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ByteRange, rangeOf } from '../lib/byte-range.ts'
import type { OpenArtifact } from './artifacts.ts'
import { typeOf } from './types.ts'

/** Answers with an artifact, or the range of it that is asked for: to be saved, and never a page of ours. */
export async function sendArtifact(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, artifact }: { name: string; artifact: OpenArtifact }
): Promise<FastifyReply> {
  const { bytes } = artifact
  let range: ByteRange | null
  let disposition: string
  try {
    range = rangeOf(request.headers, bytes, 'The artifact')
    disposition = contentDisposition(posix.basename(name))
  } catch (error) {
    artifact.close()
    throw error
  }
  if (request.method === 'HEAD') artifact.close()
  // Before any header: where it fails, the answer is a problem.
  const body = request.method === 'HEAD' ? Readable.from([]) : await artifact.read(range)
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${bytes}`)
  return (
    reply
      .type(typeOf(name))
      .header('content-disposition', disposition)
      // Whatever a browser makes of it, it is no page of ours.
      .header('content-security-policy', 'sandbox')
      .header('accept-ranges', 'bytes')
      .header('content-length', range ? range.end + 1 - range.start : bytes)
      .send(body)
  )
}
