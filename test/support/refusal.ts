import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'

const SERVER = join(import.meta.dirname, '../../src/server.ts')

/**
 * Starts a server that must not start: it ends with exit code 1 and one message for people, without a stack.
 * Answers the message. One that starts all the same is ended, and the test fails.
 */
export async function refusalOf(t: Test, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [SERVER], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
    if (stdout.includes('Server listening')) child.kill('SIGKILL')
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  t.notMatch(stdout, 'Server listening', 'does not start')
  t.equal(code, 1, 'exit code 1')
  t.notMatch(stderr, /^\s+at |node:internal/m, 'no stack')
  t.equal(stderr.trim().split('\n').length, 1, 'one message')
  t.notMatch(stdout, /"level":(50|60)/, 'nothing of it in the log for programs')
  return stderr.trim()
}
