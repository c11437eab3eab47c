import { isIP } from 'node:net'
import { allowProblem } from '../outgoing/allow-list.ts'
import type { Environment } from './variables.ts'

/** Settings that are several, separated by commas: what is wrong with one of them, or null. */
const LISTS = {
  TRUSTED_PROXY: proxyProblem,
  CORS_ORIGINS: originProblem,
  OUTGOING_ALLOW: allowProblem
} satisfies { [name in keyof Environment]?: (text: string) => string | null }

/** What such a setting holds; what is wrong in it is added to `problems`. */
export function readList(values: Environment, name: keyof typeof LISTS, problems: string[]): string[] {
  const items = values[name]
    .split(',')
    .map(text => text.trim())
    .filter(Boolean)
  for (const item of items) {
    const problem = LISTS[name](item)
    if (problem) problems.push(`${name} has "${item}": ${problem}`)
  }
  return items
}

function proxyProblem(text: string): string | null {
  return isProxy(text)
    ? null
    : 'expected an address such as 10.0.0.1 or 10.0.0.0/8, or loopback, linklocal, uniquelocal'
}

function originProblem(text: string): string | null {
  return isOrigin(text) ? null : 'expected an origin such as https://tools.example.com, without a path'
}

function isProxy(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  if (more.length > 0) return false
  const version = isIP(address)
  if (version === 0) return ['loopback', 'linklocal', 'uniquelocal'].includes(text)
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.parse(text)?.origin === text
}
