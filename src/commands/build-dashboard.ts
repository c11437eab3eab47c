/**
 * Builds the dashboard into public/. npm's `prepare` runs this after every install; where Vite is left out
 * (`npm ci --omit=dev`) it leaves public/ as it is.
 */
try {
  const { build } = await import('vite')
  await build({ configFile: new URL('../../vite.config.ts', import.meta.url).pathname, logLevel: 'warn' })
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.log('Vite is not installed, so the dashboard was not built; public/ is as it was.')
}
