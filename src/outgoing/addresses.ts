import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * IPv4 that leads to nobody on the internet, by IANA's registry of special-purpose addresses (RFC 6890 and what followed),
 * and multicast. The last is no special address, but behind it Azure's machines are told secrets of theirs.
 */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '168.63.129.16/32'
]

/** Of IPv6 only this is given out to the internet; in it lie protocols' own addresses, documentation, and 6to4. */
const GLOBAL_V6 = '2000::/3'
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const special = blockList(SPECIAL_V4)
const specialV6 = blockList(SPECIAL_V6)
const globalV6 = blockList([GLOBAL_V6])

/** Of addresses as `192.0.2.0/24`, or single ones. */
export function blockList(subnets: string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return list
}

/** Whether an address, as the system spells it, is one that anybody on the internet may have. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4')
  // One with a zone (`fe80::1%eth0`) is of this link alone.
  if (!isIPv6(address) || address.includes('%')) return false
  const inside = embeddedV4(address)
  if (inside !== null) return isPublicAddress(inside)
  return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

/** The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), or by NAT64 (RFC 6052). Null when for none. */
function embeddedV4(address: string): string | null {
  const shortest = new URL(`http://[${address}]`).hostname
  const match = /^\[(?:::ffff|64:ff9b:):(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})\]$/.exec(shortest)
  if (!match) return null
  const [high, low] = [match[1] ?? '0', match[2]!].map(part => Number.parseInt(part, 16)) as [number, number]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
