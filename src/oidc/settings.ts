import type { Role } from '../users/user.ts'

/** The provider people may sign in with, and whom of its people it lets in. */
export interface ProviderSettings {
  /** As the provider names itself. */
  issuer: string
  clientId: string
  /** Null: a public client, which proves itself by PKCE alone. */
  clientSecret: string | null
  /** What the button says. */
  name: string
  /** Who gets an account without having been invited; null: nobody. */
  newUsers: NewUsers | null
}

export interface NewUsers {
  /** In lower case. Of subdomains nobody is meant. */
  domains: string[]
  role: Exclude<Role, 'admin'>
}

/** What of the environment says so. */
export interface ProviderVariables {
  PUBLIC_URL?: string | undefined
  OIDC_ISSUER?: string | undefined
  OIDC_CLIENT_ID?: string | undefined
  OIDC_CLIENT_SECRET?: string | undefined
  OIDC_NAME?: string | undefined
  OIDC_ALLOWED_DOMAINS?: string | undefined
  OIDC_NEW_USERS_ROLE?: NewUsers['role'] | undefined
}

/** Null when no provider is set; `problems` are all that is wrong with what is, in words for who set it. */
export function readProvider(values: ProviderVariables): { provider: ProviderSettings | null; problems: string[] } {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_NEW_USERS_ROLE: role } = values
  const set = Object.entries(values).filter(([name, value]) => name.startsWith('OIDC_') && value !== undefined)
  if (set.length === 0) return { provider: null, problems: [] }

  const problems: string[] = []
  if (!issuer || !clientId) {
    problems.push(
      `OIDC_ISSUER and OIDC_CLIENT_ID go together, and ${set.map(([name]) => name).join(', ')} alone ${set.length === 1 ? 'does' : 'do'} nothing: set both or none of them`
    )
  }
  if (!values.PUBLIC_URL) {
    problems.push(
      'PUBLIC_URL is missing: the provider of OIDC_ISSUER sends people back to it, such as https://bots.example.com'
    )
  }
  const wrong = issuer && wrongWithIssuer(issuer)
  if (wrong) problems.push(`OIDC_ISSUER is "${issuer}": ${wrong}`)

  const domains = (values.OIDC_ALLOWED_DOMAINS?.split(',') ?? []).map(part => part.trim().toLowerCase())
  for (const domain of domains.filter(text => !DOMAIN.test(text)))
    problems.push(`OIDC_ALLOWED_DOMAINS has "${domain}": expected domains such as example.com, separated by commas`)
  if (domains.length > 0 !== Boolean(role)) {
    problems.push(
      'OIDC_ALLOWED_DOMAINS and OIDC_NEW_USERS_ROLE go together: who gets an account, and of which role; set both or neither'
    )
  }
  if (problems.length > 0) return { provider: null, problems }
  return {
    provider: {
      issuer: issuer!,
      clientId: clientId!,
      clientSecret: values.OIDC_CLIENT_SECRET ?? null,
      name: values.OIDC_NAME?.trim() ?? new URL(issuer!).host,
      newUsers: role ? { domains, role } : null
    },
    problems
  }
}

const DOMAIN = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/

/** Microsoft's addresses for people of any tenant, whose tokens each name another issuer. */
const ANY_TENANT = /^\/(common|organizations|consumers)(\/|$)/

function wrongWithIssuer(text: string): string | null {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.hostname)))
    return 'expected https://…; plain http is for a provider on this machine alone'
  if (url.username || url.password || url.search || url.hash) return 'expected an address without a user, a ? or a #'
  if (isMicrosoft(text) && ANY_TENANT.test(url.pathname)) {
    return "that stands for any tenant of Microsoft's, whoever made it; name your own: https://login.microsoftonline.com/TENANT_ID/v2.0"
  }
  return null
}

/** Whether plain http does not leave the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/** Microsoft Entra ID, in its public and its national clouds. */
export function isMicrosoft(issuer: string): boolean {
  const hosts = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn']
  return hosts.includes(new URL(issuer).host)
}
