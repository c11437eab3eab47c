import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Where `.ci/run` puts the S3 server that tests use: it is too large a tree to be installed with the server's own. */
const S3RVER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'botyard/s3rver-3.7.1/node_modules/s3rver')

export const needsS3 = {
  skip: existsSync(S3RVER) || process.env.CI === 'true' ? false : `there is no ${S3RVER}: .ci/run installs it`
}

/** The keys that this server takes, and checks. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }

interface S3rver {
  run(): Promise<{ port: number }>
  close(done: () => void): void
  httpServer: { closeAllConnections(): void }
}

/** A real S3 server in this process, with a bucket `bots`. @returns its port on 127.0.0.1. */
export async function startS3(t: Test): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'botyard-s3-'))
  const Server = createRequire(import.meta.url)(S3RVER) as new (options: object) => S3rver
  const server = new Server({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: folder,
    configureBuckets: [{ name: 'bots' }]
  })
  const { port } = await server.run()
  t.teardown(async () => {
    server.httpServer.closeAllConnections()
    await new Promise<void>(resolve => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  return port
}

/** A STORAGE_URL for the bucket of such a server. */
export function s3Url(port: number, prefix = ''): string {
  return `s3://bots${prefix && `/${prefix}`}?endpoint=http://127.0.0.1:${port}&forcePathStyle=true`
}
