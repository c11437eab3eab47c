/** A mail server and how to sign in to it. */
export interface SmtpServer {
  host: string
  port: number
  /** TLS from the first byte; else from when the server offers it. */
  secure: boolean
  auth: { user: string; pass: string } | null
}

/** The server's own way to send mail, where whoever runs it has set one. */
export interface MailSettings {
  server: SmtpServer
  from: string
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

/** The server's own way to send mail, by what its owner has set; `problem` in words for him. */
export function readMail(
  url: string | undefined,
  from: string | undefined
): { mail: MailSettings | null; problem: string | null } {
  if (url === undefined) {
    const problem = from === undefined ? null : 'SMTP_FROM does nothing without SMTP_URL: set both or neither'
    return { mail: null, problem }
  }
  const server = readSmtpUrl(url)
  // Its value is not repeated: there may be a password in it.
  if ('problem' in server) return { mail: null, problem: `SMTP_URL ${server.problem}` }
  const user = server.auth?.user
  const sender = from ?? (user && MAILBOX.test(user) ? user : null)
  if (!sender)
    return { mail: null, problem: 'SMTP_FROM is missing: say from whom mail by SMTP_URL is, such as bots@example.com' }
  return { mail: { server, from: sender }, problem: null }
}

const MAILBOX = /^[^@\s]+@[^@\s]+$/

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
