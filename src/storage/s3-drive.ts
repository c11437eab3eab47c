import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { Disk } from 'flydrive'
import { S3Driver } from 'flydrive/drivers/s3'
import type { ByteRange } from '../lib/byte-range.ts'
import { Drive, type Reach } from './drive.ts'
import type { StorageUrl } from './storage-url.ts'

/** The smallest that S3 takes. An object may have 10,000. */
const PART_BYTES = 5 * 1024 ** 2

/** For what nobody knows the size of: up to 160 GB. */
const UNKNOWN_PART_BYTES = 16 * 1024 ** 2

/** Of one upload at a time: what it keeps in memory. */
const PARTS_AT_ONCE = 2

/** For one part to be sent and answered: 90 kB a second. */
const REQUEST_MS = 60_000
const CONNECT_MS = 10_000

/** Longer than whoever downloads may read nothing: see READER_IDLE_MS in connections.ts. */
const IDLE_MS = 60_000

/** Keys come from where the SDK looks for them. */
export function openS3(url: Extract<StorageUrl, { kind: 's3' }>): Drive {
  const client = new S3Client({
    ...(url.endpoint === null ? {} : { endpoint: url.endpoint, region: 'us-east-1' }),
    ...(url.region === null ? {} : { region: url.region }),
    forcePathStyle: url.forcePathStyle,
    // What others than Amazon make of newer checksums differs; all of them know Content-MD5.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_MS
    }
  })
  client.middlewareStack.add(
    next => args => {
      const request = args.request as { body?: unknown; headers: Record<string, string> }
      if (Buffer.isBuffer(request.body))
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64')
      return next(args)
    },
    { step: 'build', name: 'contentMd5' }
  )
  const driver = new S3Driver({ client, bucket: url.bucket, visibility: 'private', supportsACL: false })
  return new Drive(url, new Disk(driver), new S3Reach(client, url.bucket))
}

class S3Reach implements Reach {
  readonly #client: S3Client
  readonly #bucket: string

  constructor(client: S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
  }

  async upload(key: string, body: Readable, bytes: number | null, signal: AbortSignal): Promise<void> {
    const breaking = new AbortController()
    const upload = new Upload({
      client: this.#client,
      params: { Bucket: this.#bucket, Key: key, Body: body },
      partSize: bytes === null ? UNKNOWN_PART_BYTES : Math.max(PART_BYTES, Math.ceil(bytes / 10_000)),
      queueSize: PARTS_AT_ONCE,
      abortController: breaking
    })
    const breakOff = () => {
      body.destroy(signal.reason)
      breaking.abort()
    }
    signal.addEventListener('abort', breakOff, { once: true })
    try {
      await upload.done()
    } finally {
      signal.removeEventListener('abort', breakOff)
    }
  }

  async read(key: string, range: ByteRange | null): Promise<Readable> {
    const Range = range ? { Range: `bytes=${range.start}-${range.end}` } : {}
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...Range }))
    return Body as Readable
  }

  async *list(prefix: string) {
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token })
        })
      )
      yield (page.Contents ?? []).map(({ Key, Size, LastModified }) => ({
        key: Key!,
        bytes: Size!,
        modifiedAt: LastModified!.getTime()
      }))
      token = page.NextContinuationToken
    }
  }

  isMissing(error: unknown): boolean {
    const { name, $metadata, cause } = error as {
      name?: string
      $metadata?: { httpStatusCode?: number }
      cause?: unknown
    }
    // That the bucket itself is not there is another matter. To HEAD nothing more than the status is answered.
    if ($metadata) return $metadata.httpStatusCode === 404 && name !== 'NoSuchBucket'
    return cause ? this.isMissing(cause) : false
  }

  close(): void {
    this.#client.destroy()
  }
}
