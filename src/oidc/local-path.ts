import { addresses } from '../dashboard/addresses.ts'
import { isApi } from '../plugins/auth.ts'

const BASE = 'http://botyard.invalid'

/**
 * Where to go after a sign-in: a page of ours, whatever was asked for; else the first. It is read as browsers read it, to
 * whom `/\evil.example` and `/<tab>/evil.example` are another host.
 */
export function localPath(wanted: string | undefined): string {
  const url = wanted?.startsWith('/') ? URL.parse(wanted, BASE) : null
  if (url?.origin !== BASE) return addresses.home
  const path = `${url.pathname}${url.search}${url.hash}`
  // What is left of `/.//evil.example` is a host once more.
  return path.startsWith('//') || isApi(url.pathname) ? addresses.home : path
}
