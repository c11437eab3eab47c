/** Imported before everything else, so that `.env` is in force when a module first looks. What the shell set wins. */
import { existsSync } from 'node:fs'

if (existsSync('.env')) process.loadEnvFile('.env')
