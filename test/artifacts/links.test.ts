import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ArtifactLinks } from '../../src/artifacts/links.ts'
import { deriveKey, findSecretKeys } from '../../src/keys/secret-key.ts'
import { buildApp } from '../support/app.ts'
import type { Client } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'
import { folderOf } from '../support/retention.ts'
import { signedInAs } from '../support/users.ts'

const app = await buildApp(t)
const shell = (script: string) => ['/bin/sh', '-c', `cd "$BOTYARD_ARTIFACTS"; ${script}`]
const bot = await app.makeBot(shell('mkdir -p "a b"; echo "one of $BOTYARD_EXECUTION_ID" >"a b/ü?#.txt"; echo two >b'))
const { id } = await app.ended((await app.start(bot)).id)
const NAME = 'a b/ü?#.txt'

const makeLink = (body: object, client: Client = app) => client.post(`/api/executions/${id}/artifacts/links`, body)

/** As who has the link and nothing else. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { headers, redirect: 'manual' })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: answer.ok ? null : JSON.parse(text) }
}

async function linkTo(t: Test, body: object): Promise<URL> {
  const made = await makeLink(body)
  t.equal(made.status, 201)
  return new URL(made.body.url)
}

t.test('whoever has a link downloads the artifact without an account, and nothing runs in its name', async t => {
  const before = Date.now()
  const made = await makeLink({ name: NAME })
  t.equal(made.status, 201)
  const quarter = 15 * 60_000
  t.ok(made.body.expiresAt > before + quarter - 1000 && made.body.expiresAt <= Date.now() + quarter)
  t.match(made.body.url, `${app.url}/api/shared/artifacts/`)
  const answer = await follow(made.body.url)
  t.equal(answer.status, 200)
  t.equal(answer.text, `one of ${id}\n`)
  t.match(answer.headers.get('content-disposition'), /^attachment; /)
  t.equal(answer.headers.get('content-security-policy'), 'sandbox')
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  t.equal(answer.headers.get('cache-control'), 'no-store')
  t.equal(answer.headers.get('set-cookie'), null)
  const part = await follow(made.body.url, { range: 'bytes=4-5' })
  t.same([part.status, part.text], [206, `one of ${id}`.slice(4, 6)])
})

t.test('a link is good for what it was made for, and for nothing else', async t => {
  const url = await linkTo(t, { name: NAME })
  const other = await linkTo(t, { name: 'b' })
  const second = await app.ended((await app.start(bot)).id)
  const wrong: Record<string, (url: URL) => void> = {
    'another name': each => {
      each.pathname = other.pathname
    },
    'another execution': each => {
      each.pathname = each.pathname.replace(id, second.id)
    },
    'another attempt': each => {
      each.pathname = each.pathname.replace('/1/', '/2/')
    },
    'a later end': each => each.searchParams.set('expires', String(Number(each.searchParams.get('expires')) + 1)),
    "another's signature": each => each.searchParams.set('signature', other.searchParams.get('signature')!),
    'a shorter signature': each => each.searchParams.set('signature', each.searchParams.get('signature')!.slice(0, -2)),
    'an empty signature': each => each.searchParams.set('signature', ''),
    'a signature that is no base64': each => each.searchParams.set('signature', '=?ü')
  }
  for (const [what, change] of Object.entries(wrong)) {
    const changed = new URL(url)
    change(changed)
    const answer = await follow(changed.href)
    t.same([answer.status, answer.body.code], [403, 'invalid_link'], what)
  }
  for (const missing of ['expires', 'signature']) {
    const changed = new URL(url)
    changed.searchParams.delete(missing)
    t.equal((await follow(changed.href)).status, 400, `without ${missing}`)
  }
  t.equal((await follow(url.href)).status, 200)
})

t.test('a link runs out, to the second', async t => {
  const links = new ArtifactLinks(deriveKey(findSecretKeys(app.config).current, 'links to artifacts'))
  const linked = { executionId: id, attempt: 1, name: NAME }
  const at = (expiresAt: number) => follow(app.url + links.pathTo(linked, expiresAt))
  const now = Date.now()
  t.equal((await at(now + 60_000)).status, 200)
  const late = await at(now)
  t.same([late.status, late.body.code], [403, 'invalid_link'])
  t.match(late.body.detail, /run out/)
  const foreign = new ArtifactLinks(Buffer.alloc(32, 7)).pathTo(linked, now + 60_000)
  t.equal((await follow(app.url + foreign)).status, 403, "another server's key")
  const made = await makeLink({ name: NAME, expiresInSeconds: 7 * 24 * 3600 })
  t.equal((await follow(made.body.url)).status, 200)
  for (const expiresInSeconds of [0, -1, 1.5, 7 * 24 * 3600 + 1])
    isProblem(t, await makeLink({ name: NAME, expiresInSeconds }), 400, 'invalid_request')
})

t.test('none is made to what is not there, nor by who may not see it', async t => {
  for (const name of ['none', '../log', 'a b', '/etc/passwd', 'a\0'])
    isProblem(t, await makeLink({ name }), 404, 'not_found')
  isProblem(t, await makeLink({ name: NAME, attempt: 2 }), 404, 'not_found')
  isProblem(t, await app.post('/api/executions/none/artifacts/links', { name: NAME }), 404, 'not_found')
  const stranger = await buildApp(t)
  stranger.token = null
  isProblem(t, await stranger.post(`/api/executions/${id}/artifacts/links`, { name: NAME }), 401, 'unauthenticated')
  t.equal((await makeLink({ name: NAME }, await signedInAs(app, 'viewer'))).status, 201)
})

t.test('it is written down who has made one, to what and until when', async t => {
  const made = await makeLink({ name: 'b' })
  const { items } = (await app.get('/admin/audit?action=artifact.shared&limit=1')).body
  t.match(items[0], {
    action: 'artifact.shared',
    actor: { name: 'admin@example.com' },
    subject: { type: 'execution', id, name: bot.slug },
    after: { artifact: 'b', attempt: 1, expiresAt: made.body.expiresAt }
  })
})

t.test('what is removed is gone for who has a link, too', async t => {
  const url = await linkTo(t, { name: 'b' })
  const file = join(folderOf(app, { id }), 'artifacts/b')
  t.ok(existsSync(file))
  rmSync(file)
  t.same((await follow(url.href)).status, 404)
})
