/** Where objects are kept, as its owner wrote it down in one line. */
export type StorageUrl =
  | {
      kind: 's3'
      bucket: string
      /** Without slashes at its ends; empty for none. */
      prefix: string
      /** Null: as the environment says. */
      region: string | null
      /** Null: Amazon's own. */
      endpoint: string | null
      /** Whether the bucket stands in the path of addresses, and not in the host. */
      forcePathStyle: boolean
    }
  | { kind: 'gs'; bucket: string; prefix: string }
  /** Absolute. */
  | { kind: 'file'; folder: string }

const FORMS = 's3://bucket/prefix?region=eu-central-1, gs://bucket/prefix or file:///absolute/path'

/** What flydrive takes in keys, without what it changes: spaces, and dots at an end. */
const PREFIX = /^([\w!-][\w!.-]*(?<!\.)(\/(?=[^/])|$))*$/

/**
 * Reads such a line: what it says, or what is wrong with it, for people, without a key or password that it may hold.
 * Endpoints are those of what speaks as S3 does: `?endpoint=https://…&forcePathStyle=true`.
 */
export function readStorageUrl(text: string): StorageUrl | { problem: string } {
  const url = URL.parse(text)
  if (!url) return { problem: `expected ${FORMS}` }
  if (url.username || url.password || [...url.searchParams.keys()].some(isCredential)) {
    return {
      problem:
        'it must hold no key or password. Those of S3 are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, that of Google GOOGLE_APPLICATION_CREDENTIALS'
    }
  }
  if (url.hash) return { problem: 'it has a part after #, which means nothing here' }
  if (url.protocol === 'file:') return readFolder(url)
  if (url.protocol === 's3:' || url.protocol === 'gs:') return readBucket(url)
  return { problem: `it begins with ${url.protocol}: expected ${FORMS}` }
}

/** Where that is, without how it is reached: by this objects are said to be there. */
export function placeOf(url: StorageUrl): string {
  if (url.kind === 'file') return `file://${url.folder}`
  return [`${url.kind}://${url.bucket}`, url.prefix].filter(Boolean).join('/')
}

/** All of it, for people. */
export function describeStorage(url: StorageUrl): string {
  if (url.kind !== 's3') return placeOf(url)
  const { endpoint, region, forcePathStyle } = url
  const ways = [endpoint && `at ${endpoint}`, region && `region ${region}`, forcePathStyle && 'bucket in the path']
  return [placeOf(url), ...ways.filter(Boolean)].join(', ')
}

function readFolder(url: URL): StorageUrl | { problem: string } {
  if (url.host) return { problem: 'a folder is named with three slashes: file:///absolute/path' }
  if (url.search) return { problem: `it has ${url.search}, which means nothing for a folder` }
  try {
    const folder = decodeURIComponent(url.pathname).replace(/(?<=.)\/+$/, '')
    if (folder !== '/' && !folder.includes('\0')) return { kind: 'file', folder }
  } catch {
    // Not the encoding of any text.
  }
  return { problem: 'it names no folder: expected file:///absolute/path' }
}

function readBucket(url: URL): StorageUrl | { problem: string } {
  const { host: bucket, searchParams } = url
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  const kind = url.protocol === 's3:' ? 's3' : 'gs'
  if (!/^[A-Za-z0-9][\w.-]{1,221}$/.test(bucket)) return { problem: `it names no bucket: expected ${FORMS}` }
  if (!PREFIX.test(prefix) || prefix.length > 200) {
    return { problem: `its prefix is "${prefix}": expected at most 200 letters, digits, and - _ . ! between slashes` }
  }
  const known = kind === 's3' ? ['region', 'endpoint', 'forcePathStyle'] : []
  const unknown = [...searchParams.keys()].find(name => !known.includes(name))
  if (unknown) {
    const expected = known.length > 0 ? known.join(', ') : 'nothing'
    return { problem: `it has "${unknown}" behind the question mark: expected ${expected}` }
  }
  if (kind === 'gs') return { kind, bucket, prefix }
  const endpoint = searchParams.get('endpoint')
  if (endpoint !== null && !isEndpoint(endpoint)) {
    const got = endpoint.includes('@') ? 'has an @' : `is "${endpoint}"`
    return { problem: `its endpoint ${got}: expected such as https://s3.example.com` }
  }
  const forcePathStyle = searchParams.get('forcePathStyle') ?? 'false'
  if (forcePathStyle !== 'true' && forcePathStyle !== 'false')
    return { problem: `its forcePathStyle is "${forcePathStyle}": expected true or false` }
  return {
    kind,
    bucket,
    prefix,
    region: searchParams.get('region') || null,
    endpoint,
    forcePathStyle: forcePathStyle === 'true'
  }
}

function isCredential(name: string): boolean {
  return /key|secret|token|password|credential|signature/i.test(name)
}

function isEndpoint(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password
}
