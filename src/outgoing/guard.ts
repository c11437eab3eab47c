import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from './addresses.ts'
import type { AllowList } from './allow-list.ts'

/** An address that nobody may have requests sent to. The message says which, and what to do. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress'
}

/**
 * Says where connections may go that somebody has asked for: to the internet, and to what the allow list has. It is asked as
 * a connection is made, with the address that it is made to: a name that led elsewhere a moment ago changes nothing.
 */
export class Guard {
  readonly #allowed: AllowList
  readonly #resolve: typeof systemLookup

  constructor(allowed: AllowList, resolve: typeof systemLookup = systemLookup) {
    this.#allowed = allowed
    this.#resolve = resolve
  }

  /** For a host that is an address already, as nobody looks that up. @throws RefusedAddress */
  checkHost(host: string): void {
    const address = host.replace(/^\[(.*)\]$/, '$1')
    if (isIP(address) !== 0 && !this.#permits(host, address)) throw refused(host, [address])
  }

  /** For `net` and `tls`: what they may connect to, of all that a name stands for. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const permitted = found.filter(({ address }) => this.#permits(host, address))
      const [first] = permitted
      if (!first)
        return callback(
          refused(
            host,
            found.map(({ address }) => address)
          ),
          []
        )
      if (options.all) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }

  #permits(host: string, address: string): boolean {
    return isPublicAddress(address) || this.#allowed.hasName(host) || this.#allowed.hasAddress(address)
  }
}

function refused(host: string, addresses: string[]): RefusedAddress {
  const what = addresses.includes(host) ? host : `${host} (${addresses.join(', ')})`
  return new RefusedAddress(
    `${what} is not on the internet, and nothing is sent there. Whoever runs the server can allow it in OUTGOING_ALLOW.`
  )
}
