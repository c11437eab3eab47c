import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { scratchFolder } from './logs.ts'
import { freePort } from './port.ts'

/** Where Debian's package puts it. */
const CADDY = '/usr/bin/caddy'

/** Options for a test that needs a real proxy; elsewhere it is skipped by name. */
export const needsCaddy: { skip: string | false } = {
  skip: existsSync(CADDY) || process.env.CI === 'true' ? false : `there is no ${CADDY} on this machine`
}

/** The one that is installed. */
export const CADDYFILE = join(import.meta.dirname, '../../Caddyfile')

/**
 * A proxy in front of a server, as the Caddyfile has it: it speaks TLS as `localhost` with a certificate of its own making, and
 * sends who comes by plain http there. It runs until the test ends. `publicDir` is where the dashboard's files lie, with none
 * by default. `ca` is the file of the authority that vouches for it.
 */
export async function startCaddy(
  t: Test,
  upstream: string,
  publicDir?: string
): Promise<{ host: string; url: string; ca: string }> {
  const folder = scratchFolder(t)
  const host = `localhost:${await freePort()}`
  // What a machine has one of: ports 80 and 2019, the authorities it trusts, the folder for certificates.
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
  import ${CADDYFILE}`
  const caddy = spawn(CADDY, ['run', '--adapter', 'caddyfile', '--config', '-'], {
    env: {
      HOME: folder,
      PATH: process.env.PATH,
      SITE_ADDRESS: host,
      UPSTREAM: new URL(upstream).host,
      PUBLIC_DIR: publicDir ?? folder
    },
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
  return { host, url: `https://${host}`, ca: join(folder, 'pki/authorities/local/root.crt') }
}
