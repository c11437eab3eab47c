/** Where somebody has come to, following every redirect. */
export interface Place {
  url: string
  status: number
  text: string
  headers: Headers
}

/** Somebody with a browser: it keeps cookies by host, follows redirects, and sends the forms of a test's provider. */
export class Visitor {
  /** By host and name. */
  readonly cookies = new Map<string, string>()
  readonly #address: string | null

  /** `address`: where he comes from, as a proxy says; else he comes from this machine. */
  constructor(address: string | null = null) {
    this.#address = address
  }

  /** Goes to an address and on from there; no further than to an address that `until` fits, which is not asked for. */
  async go(url: string, options: { until?: RegExp; form?: Record<string, string> } = {}): Promise<Place> {
    let { form } = options
    for (let hops = 0; hops < 20; hops++) {
      if (options.until?.test(url)) return { url, status: 0, text: '', headers: new Headers() }
      const response = await this.fetch(url, form ? { method: 'POST', body: new URLSearchParams(form) } : {})
      const location = response.headers.get('location')
      if (!location) return { url, status: response.status, text: await response.text(), headers: response.headers }
      await response.body?.cancel()
      url = new URL(location, url).href
      form = undefined
    }
    throw new Error(`there is no end to ${url}`)
  }

  /** One request, with the cookies of the host. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { hostname } = new URL(url)
    const own = [...this.cookies].filter(([key]) => key.startsWith(`${hostname} `))
    const cookie = own.map(([key, value]) => `${key.slice(hostname.length + 1)}=${value}`).join('; ')
    const response = await fetch(url, {
      ...init,
      headers: {
        ...(init.headers as Record<string, string>),
        ...(cookie && { cookie }),
        ...(this.#address && { 'x-forwarded-for': this.#address })
      },
      redirect: 'manual'
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '') this.cookies.delete(`${hostname} ${name}`)
      else this.cookies.set(`${hostname} ${name}`, value!)
    }
    return response
  }

  /** Signs in at the provider it is sent to, as `login`, and agrees to everything; answers where it comes out. */
  async signInAt(url: string, login: string, until?: RegExp): Promise<Place> {
    const options = until ? { until } : {}
    let place = await this.go(url, options)
    for (;;) {
      const prompt = /name="prompt" value="(\w+)"/.exec(place.text)?.[1]
      if (!prompt) return place
      const action = /action="([^"]+)"/.exec(place.text)![1]!
      place = await this.go(action, { ...options, form: { prompt, login, password: 'any' } })
    }
  }

  /** Who is signed in at the site; null: nobody. */
  async whoAmI(site: string): Promise<{ id: string; email: string; role: string; [field: string]: unknown } | null> {
    const response = await this.fetch(`${site}/api/auth/me`)
    return response.status === 200 ? ((await response.json()) as never) : null
  }
}
