/** A mail server and how to sign in to it. */
export interface SmtpServer {
  host: string
  port: number
  /** TLS from the first byte; else from when the server offers it. */
  secure: boolean
  auth: { user: string; pass: string } | null
}

/**
 * Reads `smtp://` (STARTTLS, port 587) or `smtps://` (TLS, port 465). Nothing can be said behind a `?`: a mail library
 * would take it for options, and read files or trust anybody for it.
 */
export function readSmtpUrl(text: string): SmtpServer | { problem: string } {
  const url = URL.parse(text)
  if (url?.protocol !== 'smtp:' && url?.protocol !== 'smtps:') return { problem: 'must begin with smtp:// or smtps://' }
  if (!url.hostname || url.search || url.hash || !['', '/'].includes(url.pathname))
    return { problem: 'must be a host with a port, and a user and password if need be, and nothing behind that' }
  const secure = url.protocol === 'smtps:'
  const [user, pass] = [decoded(url.username), decoded(url.password)]
  if (user === null || pass === null) return { problem: 'has a % in its user or password that is to be written %25' }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    auth: user || pass ? { user, pass } : null
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
