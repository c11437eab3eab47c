/**
 * Run by npm after installing: fills Node's compile cache (NODE_COMPILE_CACHE) with what a start loads. A start that finds
 * it is quicker, and does without the part of Node that strips types, which is 18 MB.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MIGRATIONS_FOLDER } from '../db/migrate.ts'

await import('../server.ts')
await import('../app.ts')
await import('@fastify/swagger-ui')
for (const file of readdirSync(MIGRATIONS_FOLDER)) await import(join(MIGRATIONS_FOLDER, file))
