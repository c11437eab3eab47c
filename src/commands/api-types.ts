/**
 * The dashboard's types, made from the API's own description, which is made from the schemas that check requests.
 * `npm run api-types` writes them; a test fails when they are out of date.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { pino } from 'pino'
import settings from '../../gunicorn-equivalent.config.ts'
import { createApp } from '../app.ts'
import { readConfig } from '../config/config.ts'

export const API_TYPES_FILE = join(import.meta.dirname, '../dashboard/api/schema.d.ts')

/** The types as TypeScript, from a server that is made for this and never listens. */
export async function apiTypes(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'botyard-api-'))
  const { http } = await createApp(readConfig({ DATA_DIR: dataDir }, settings), pino({ level: 'silent' }))
  try {
    await http.ready()
    const types = await openapiTS(http.swagger() as unknown as OpenAPI3, { defaultNonNullable: false })
    return `// Made by \`npm run api-types\`.\n${astToString(types)}`
  } finally {
    await http.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

if (import.meta.main) writeFileSync(API_TYPES_FILE, await apiTypes())
