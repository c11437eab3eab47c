import { type BlockList, isIP } from 'node:net'
import { blockList } from './addresses.ts'

/** What whoever runs the server lets requests go to although it is not on the internet: hosts by name, and networks. */
export class AllowList {
  readonly #names = new Set<string>()
  readonly #networks: BlockList

  /** Entries as {@link allowProblem} takes them. */
  constructor(entries: string[]) {
    const networks = entries.filter(isNetwork)
    this.#networks = blockList(networks)
    for (const entry of entries) if (!networks.includes(entry)) this.#names.add(spelled(entry))
  }

  /** Whether a host is allowed by its very name, wherever that leads. */
  hasName(host: string): boolean {
    return this.#names.has(spelled(host))
  }

  hasAddress(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#networks.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

const NAME = /^(?!.*\.\.)[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_.])?$/i

/** What looks like an address and is none would be looked up as a name, and lead who knows where. */
const NUMBER = /^[\d.]+$|^0x/i

/** What is wrong with an entry, in words; null when it names a host, an address or a network. */
export function allowProblem(entry: string): string | null {
  if (isNetwork(entry) || (NAME.test(entry) && !NUMBER.test(entry))) return null
  return 'expected a host such as mail.internal, an address or a network such as 10.0.0.0/8, without a port'
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/')
  const version = isIP(address)
  if (version === 0 || address.includes('%') || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** A name is the same in capitals, and with the dot that ends it in full. */
const spelled = (host: string): string => host.toLowerCase().replace(/\.$/, '')
