import { existsSync } from 'node:fs'

/** The same browser without windows, which costs half as much; else the whole of it. */
const CHROMIUM = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

/** How the browser is started, wherever it is. */
export const launchOptions = {
  executablePath: CHROMIUM.find(path => existsSync(path)) ?? CHROMIUM[0]!,
  args: [
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync'
  ]
}
