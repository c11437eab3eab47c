import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Test } from 'tap'
import { testFolder } from './folder.ts'

const OPENSSL = '/usr/bin/openssl'

/** Options for a test that needs a certificate of its own; elsewhere it is skipped by name. */
export const needsOpenssl: { skip: string | false } = {
  skip: existsSync(OPENSSL) || process.env.CI === 'true' ? false : `there is no ${OPENSSL} on this machine`
}

/** A certificate for `localhost` that vouches for itself. */
export function makeCertificate(t: Test): { key: string; cert: string; file: string } {
  const folder = testFolder(t)
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const wanted = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2', '-nodes']
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', key, '-out', file]
  execFileSync(OPENSSL, ['req', '-x509', ...wanted, ...made], { stdio: 'pipe' })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file }
}

/** A mail as it arrived. */
export interface Letter {
  from: string
  to: string[]
  /** Who had signed in; null when nobody had. */
  user: string | null
  encrypted: boolean
  text: string
}

/** A mail server on this machine. Without `users` it takes mail from anybody. */
export async function startMailServer(
  t: Test,
  options: SMTPServerOptions = {},
  users: Record<string, string> | null = null
): Promise<{ port: number; letters: Letter[] }> {
  const letters: Letter[] = []
  const server = new SMTPServer({
    authOptional: users === null,
    logger: false,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) => {
      if (users?.[username ?? ''] === password) done(null, { user: username })
      else done(Object.assign(new Error('Invalid username or password'), { responseCode: 535 }))
    },
    onData: async (stream, session, done) => {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk)
      letters.push({
        from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
        to: session.envelope.rcptTo.map(({ address }) => address),
        user: (session.user as string | undefined) ?? null,
        encrypted: session.secure,
        text: Buffer.concat(chunks).toString()
      })
      done()
    },
    ...options
  })
  server.on('error', () => {}) // a client that goes away
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  t.teardown(() => new Promise<void>(resolve => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, letters }
}
