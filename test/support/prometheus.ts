import { execFile, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { scratchFolder } from './logs.ts'
import { freePort } from './port.ts'
import { eventually } from './wait.ts'

/** Where Debian's package puts them. */
const PROMETHEUS = '/usr/bin/prometheus'
const PROMTOOL = '/usr/bin/promtool'

/** Options for a test that needs a real Prometheus; elsewhere it is skipped by name. */
export const needsPrometheus: { skip: string | false } = {
  skip: existsSync(PROMETHEUS) || process.env.CI === 'true' ? false : `there is no ${PROMETHEUS} on this machine`
}

/** Runs promtool with `input`; answers what it complained of, or nothing. */
export function promtool(args: string[], input = ''): Promise<string> {
  return new Promise(resolve => {
    const child = execFile(PROMTOOL, args, (error, stdout, stderr) => {
      resolve(error ? `${stdout}${stderr}` || error.message : '')
    })
    child.stdin!.end(input)
  })
}

interface Series {
  metric: Record<string, string>
  /** Seconds since 1970, and the value as text. */
  value: [number, string]
}

type Answer = { status: 'error'; error: string } | { status: 'success'; data: { result: Series[] } }

export interface Prometheus {
  /** What an expression comes to now. @throws Error with what Prometheus says is wrong with it. */
  query(expression: string): Promise<Series[]>
}

/** A Prometheus that asks a server each second, as the docs say to set it up. It runs until the test ends. */
export async function startPrometheus(t: Test, server: string, token: string): Promise<Prometheus> {
  const folder = scratchFolder(t)
  const port = await freePort()
  writeFileSync(join(folder, 'token'), token)
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: botyard
    authorization:
      type: Bearer
      credentials_file: ${join(folder, 'token')}
    static_configs:
      - targets: ['${new URL(server).host}']
`
  )
  const prometheus = spawn(
    PROMETHEUS,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  )
  let said = ''
  prometheus.stderr.on('data', chunk => {
    said += chunk
  })
  const ended = new Promise<void>(resolve => prometheus.on('close', () => resolve()))
  t.teardown(() => {
    prometheus.kill('SIGKILL')
    return ended
  })
  const url = `http://127.0.0.1:${port}`
  await eventually('Prometheus to be ready', async () => {
    if (prometheus.exitCode !== null) throw new Error(`Prometheus did not start:\n${said}`)
    return (await fetch(`${url}/-/ready`).catch(() => null))?.ok
  })
  return {
    async query(expression) {
      const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`)
      const said = (await answer.json()) as Answer
      if (said.status !== 'success') throw new Error(`${expression}: ${said.error}`)
      return said.data.result
    }
  }
}
