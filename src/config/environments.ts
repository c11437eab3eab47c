import { homedir } from 'node:os'

/** The environment every bot starts from: nothing else of the server's own reaches it. */
export function botEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  // npm puts its own folders in front of PATH; a bot that says `node` means the machine's, not the server's.
  const path = (env.PATH ?? '').split(':').filter(part => part && !part.includes('/node_modules/'))
  const own: Record<string, string> = {
    PATH: path.length > 0 ? path.join(':') : '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homedir(),
    LANG: env.LANG || 'C.UTF-8'
  }
  if (env.TZ) own.TZ = env.TZ
  return own
}

/** The environment of processes that reach buckets: with it their libraries find keys, and the way. */
export function storageEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const names =
    /^(AWS_.*|GOOGLE_.*|GCLOUD_.*|STORAGE_EMULATOR_HOST|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|HOME|PATH|TZ|LANG)$/i
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name))) as Record<string, string>
}
