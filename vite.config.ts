import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/** The server that `npm run dev` shows the dashboard of. */
const SERVER = process.env.BOTYARD_SERVER ?? 'http://127.0.0.1:20000'

export default defineConfig({
  root: join(import.meta.dirname, 'src/dashboard'),
  publicDir: 'static',
  plugins: [vue(), tailwindcss(), precompress()],
  build: {
    outDir: join(import.meta.dirname, 'public'),
    emptyOutDir: true,
    // A file that is put into the page as data: would need an exception from the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    // The server's own, and not the dashboard's files that lie in a folder `api` as well.
    proxy: { '^/(api|admin|docs|openapi|health)(?!.*\\.ts(\\?|$))': SERVER }
  }
})

/** Puts a .br and a .gz beside each text file, so that no request pays for compressing it. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    writeBundle: ({ dir: folder = '' }) => {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(html|js|css|svg)$/.test(name)) continue
        const bytes = readFileSync(join(folder, name))
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
      }
    }
  }
}
