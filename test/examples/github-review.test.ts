import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { findings, summary } from '../../examples/github-review/diff.ts'
import { deliver, pullRequest, startGitHub } from '../../examples/github-review/github.ts'
import { install } from '../../examples/github-review/install.ts'
import { Botyard } from '../../examples/support/botyard.ts'
import { buildApp } from '../support/app.ts'

const SECRET: string = randomUUID()

async function installed(t: Test, reviewer: string | null = null) {
  const app = await buildApp(t)
  const github = await startGitHub()
  t.teardown(() => github.close())
  const url = app.url + (await install(new Botyard(app.url, app.token!), { secret: SECRET, reviewer }))
  return {
    app,
    github,
    send: (event: string, payload: unknown, secret = SECRET) => deliver(url, secret, event, payload)
  }
}

t.test('a pull request that is opened is reviewed', async t => {
  const { app, github, send } = await installed(t)
  const answer = await send('pull_request', pullRequest(github))
  t.equal(answer.status, 202)
  const { executionId } = (await answer.json()) as { executionId: string }
  const execution = await app.ended(executionId)
  t.match(execution, {
    state: 'succeeded',
    trigger: 'webhook',
    parameters: {
      pr_url: github.prUrl,
      number: 7,
      title: 'Take the discount off the total',
      author: 'ada',
      repo_url: `${github.url}/shop/web`
    },
    outputs: { files: '1', added: '2', removed: '0', findings: '1' }
  })
  const review = await app.get(`/api/executions/${executionId}/artifacts/review.md`)
  t.equal(review.text, '# #7 Take the discount off the total\n\n- src/cart.js:11: left from debugging\n')
})

t.test('a reviewer of your own is given the diff, and what it prints is the review', async t => {
  const { app, github, send } = await installed(t, 'grep -c "^+ "')
  const answer = await send('pull_request', pullRequest(github))
  const { executionId } = (await answer.json()) as { executionId: string }
  t.equal((await app.ended(executionId)).state, 'succeeded')
  t.match((await app.get(`/api/executions/${executionId}/artifacts/review.md`)).text, /\n\n2\n$/)
})

t.test('other events, drafts and strangers start nothing', async t => {
  const { app, github, send } = await installed(t)
  const opened = pullRequest(github)
  t.equal((await send('ping', { zen: 'Keep it simple.' })).status, 200)
  t.equal((await send('issues', { action: 'opened' })).status, 200)
  t.equal((await send('pull_request', { ...opened, action: 'closed' })).status, 200)
  const draft = { ...opened, pull_request: { ...opened.pull_request, draft: true } }
  t.equal((await send('pull_request', draft)).status, 200)
  t.equal((await send('pull_request', opened, 'another secret')).status, 401)
  t.same((await app.get('/api/executions')).body.items, [])
})

t.test('what a diff changes is counted, and what nobody wants is found where it will be', async t => {
  const diff = [
    'diff --git a/a.js b/a.js',
    '--- a/a.js',
    '+++ b/a.js',
    '@@ -1,3 +1,4 @@',
    ' one',
    '-two',
    '+<<<<<<< ours',
    '+test.only("x")',
    ' three',
    'diff --git a/gone.js b/gone.js',
    '--- a/gone.js',
    '+++ /dev/null',
    '@@ -1 +0,0 @@',
    '-debugger'
  ].join('\n')
  t.same(summary(diff), { files: ['a.js'], added: 2, removed: 2 })
  t.same(findings(diff), [
    { file: 'a.js', line: 2, what: 'a conflict that was not resolved' },
    { file: 'a.js', line: 3, what: 'lets no other test run' }
  ])
})
