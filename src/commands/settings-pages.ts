/**
 * What is written about settings, made from the schema that reads them: `.env.example` and docs/configuration.md.
 * `npm run settings-pages` writes them; a test fails when they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Variables } from '../config/variables.ts'

const root = join(import.meta.dirname, '../..')
const PROCESS_SETTINGS = 'gunicorn-equivalent.config.ts'

interface Variable {
  name: string
  description: string
  /** As it is written in an environment; empty when there is none. */
  default: string
}

function variables(): Variable[] {
  return Object.entries(Variables.properties).map(([name, schema]) => {
    const { description, default: value } = schema as unknown as { description: string; default?: unknown }
    return { name, description, default: String(value ?? '') }
  })
}

/** The settings of the process with what their comments say, as they stand in their file: `[name, default, meaning]`. */
function processSettings(): [string, string, string][] {
  const text = readFileSync(join(root, PROCESS_SETTINGS), 'utf8')
  const settings = text.matchAll(/^ {2}\/\*\*(.+?)\*\/\n {2}(\w+): (.+?),?$/gms)
  return [...settings].map(([, comment, name, value]) => {
    const meaning = comment!.replace(/\n\s+\*/g, '').trim()
    return [name!, value!.replaceAll("'", ''), meaning]
  })
}

function envExample(): string {
  const head = `# Copy this file to .env and take the # away from what you want to set. What the shell sets wins over .env.
# \`npm start -- --check-config\` prints what is in force.`
  const blocks = variables().map(({ name, description, default: value }) => `# ${description}\n#${name}=${value}`)
  return `${[head, ...blocks].join('\n\n')}\n`
}

function configurationPage(): string {
  const rows = variables().map(({ name, description, default: value }) => {
    const meaning = escaped(
      description.replace(/ Default: none\.$/, '').replace(/see (docs\/([\w-]+\.md))/, 'see [$1]($2)')
    )
    return `| \`${name}\` | ${value ? `\`${value}\`` : '–'} | ${meaning} |`
  })
  const own = processSettings().map(([name, value, meaning]) => `| \`${name}\` | \`${value}\` | ${escaped(meaning)} |`)
  return `# Settings

<!-- Made by \`npm run settings-pages\` from src/config/variables.ts and ${PROCESS_SETTINGS}. -->

\`npm start -- --check-config\` prints what is in force and ends with 0, or says all that is wrong and ends with 1. A server with a
wrong setting does not start: it names the variable, what it got and what it wants.

## From the environment

Or from a file \`.env\` in the folder of the code; what the environment says wins. An empty variable is one that is not set.

| variable | default | |
|---|---|---|
${rows.join('\n')}

## Of the process

In [${PROCESS_SETTINGS}](../${PROCESS_SETTINGS}), to be edited where you deploy.

| setting | default | |
|---|---|---|
${own.join('\n')}
`
}

const escaped = (text: string): string => text.replaceAll('|', '\\|')

/** Each page by its path from the top of the repository. */
export function settingsPages(): Record<string, string> {
  return { '.env.example': envExample(), 'docs/configuration.md': configurationPage() }
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(settingsPages())) writeFileSync(join(root, path), text)
}
