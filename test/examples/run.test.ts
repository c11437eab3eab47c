import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'

const ROOT = join(import.meta.dirname, '../..')

for (const name of ['clock-in', 'github-review']) {
  t.test(`\`npm run example ${name}\` shows it until Ctrl-C`, async t => {
    const child = spawn(process.execPath, [join(ROOT, 'examples/run.ts'), name], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    t.teardown(() => void child.kill('SIGKILL'))
    const lines: string[] = []
    let url = ''
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      url ||= /^Botyard: (\S+)$/.exec(line)?.[1] ?? ''
      if (line === 'Ctrl-C ends it.') break
    }
    const [, email, password] = /^Sign in as (\S+) with (\S+)$/m.exec(lines.join('\n'))!
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password })
    })
    t.equal(answer.status, 200, 'one can sign in as it says')
    child.kill('SIGINT')
    t.same(await once(child, 'exit'), [0, null])
    await t.rejects(fetch(url), 'its server is gone')
  })
}

t.test('without a name it says which there are', async t => {
  const child = spawn(process.execPath, [join(ROOT, 'examples/run.ts')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.match(said, /clock-in, github-review/)
})
