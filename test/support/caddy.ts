import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { scratchFolder } from './logs.ts'

/** Where Debian's package puts it. */
const CADDY = '/usr/bin/caddy'

/** Options for a test that needs a real proxy; elsewhere it is skipped by name. */
export const needsCaddy: { skip: string | false } = {
  skip: existsSync(CADDY) || process.env.CI === 'true' ? false : `there is no ${CADDY} on this machine`
}

/**
 * A proxy in front of a server, which speaks TLS as `localhost` with a certificate of its own making, and sends who comes by
 * plain http there. It runs until the test ends. `ca` is the file of the authority that vouches for it.
 */
export async function startCaddy(t: Test, upstream: string): Promise<{ host: string; ca: string }> {
  const folder = scratchFolder(t)
  const host = `localhost:${await freePort()}`
  const config = `{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system ${folder}
    servers {
      listener_wrappers {
        http_redirect
        tls
      }
    }
  }
  https://${host} {
    tls internal
    encode zstd gzip
    reverse_proxy ${new URL(upstream).host}
  }`
  const caddy = spawn(CADDY, ['run', '--adapter', 'caddyfile', '--config', '-'], {
    env: { HOME: folder, PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'pipe']
  })
  const ended = new Promise<void>(resolve => caddy.on('close', () => resolve()))
  t.teardown(() => {
    caddy.kill()
    return ended
  })
  caddy.stdin.end(config)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    caddy.stderr.on('data', chunk => {
      said += chunk
      // Both are logged, in whichever order: that it listens, and that it has a certificate to show.
      if (said.includes('serving initial configuration') && said.includes('certificate obtained')) resolve()
    })
    caddy.on('close', () => reject(new Error(`caddy did not start:\n${said}`)))
  })
  return { host, ca: join(folder, 'pki/authorities/local/root.crt') }
}

/** Taken and given back, as Caddy must be told which one is its own. */
function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
