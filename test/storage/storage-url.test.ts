import t from 'tap'
import settings from '../../gunicorn-equivalent.config.ts'
import { readConfig } from '../../src/config/config.ts'
import { describeConfig } from '../../src/config/describe.ts'
import { placeOf, readStorageUrl } from '../../src/storage/storage-url.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

t.test('says which bucket or folder it is, and how that is reached', async t => {
  const s3 = { kind: 's3', bucket: 'bots', prefix: '', region: null, endpoint: null, forcePathStyle: false }
  const read = {
    's3://bots': s3,
    's3://bots/': s3,
    's3://bots/a/b-_!.c/?region=eu-central-1': { ...s3, prefix: 'a/b-_!.c', region: 'eu-central-1' },
    's3://bots?endpoint=https://s3.example.com:9000&forcePathStyle=true': {
      ...s3,
      endpoint: 'https://s3.example.com:9000',
      forcePathStyle: true
    },
    'gs://my_bots.example.com/yard': { kind: 'gs', bucket: 'my_bots.example.com', prefix: 'yard' },
    'file:///mnt/big%20disk/': { kind: 'file', folder: '/mnt/big disk' }
  } as const
  for (const [text, expected] of Object.entries(read)) t.same(readStorageUrl(text), expected, text)
  const places = Object.values(read).map(url => placeOf(url as Parameters<typeof placeOf>[0]))
  t.same(places.slice(-3), ['s3://bots', 'gs://my_bots.example.com/yard', 'file:///mnt/big disk'])
})

t.test('anything else is refused with what is wrong, and without a key that is in it', async t => {
  const refused = {
    bots: /expected s3:/,
    'https://s3.example.com/bots': /begins with https:/,
    's3://': /no bucket/,
    's3:///prefix': /no bucket/,
    's3://b': /no bucket/,
    's3://bots/a b': /prefix is "a%20b"/,
    's3://bots/a/../b': null,
    's3://bots/a//b': /prefix/,
    's3://bots/.a': /prefix/,
    's3://bots?regoin=x': /has "regoin"/,
    's3://bots?endpoint=s3.example.com': /endpoint is "s3.example.com"/,
    's3://bots?forcePathStyle=1': /forcePathStyle is "1"/,
    's3://AKIA123:hunter22@bots': /no key or password/,
    's3://bots?secretAccessKey=hunter22': /no key or password/,
    's3://bots?endpoint=https://me:hunter22@s3.example.com': /endpoint/,
    's3://bots#a': /part after #/,
    'gs://bots?region=x': /has "region"/,
    'file://mnt/disk': /three slashes/,
    'file:///': /names no folder/,
    'file:///mnt?x=1': /means nothing for a folder/,
    'file:///mnt/%00': /names no folder/,
    'file:///mnt/%ff': /names no folder/
  }
  for (const [text, expected] of Object.entries(refused)) {
    const read = readStorageUrl(text)
    if (expected === null) t.match(read, { prefix: 'b' }, 'as URLs are read')
    else t.match((read as { problem: string }).problem, expected, text)
    t.notMatch(JSON.stringify(read), 'hunter22', text)
  }
})

t.test('a server with a wrong one does not start, and says which setting it is and what it got', async t => {
  t.match(await refusalLines({ STORAGE_URL: 'my-bucket' }), /STORAGE_URL is "my-bucket": expected s3:/)
  t.match(await refusalLines({ STORAGE_URL: 's3://KEY:hunter22@bots' }), /STORAGE_URL: it must hold no key/)
  t.notMatch(await refusalLines({ STORAGE_URL: 's3://KEY:hunter22@bots' }), 'hunter22')
  const shown = describeConfig(readConfig({ STORAGE_URL: 's3://bots/a?region=eu-west-1' }, settings))
  t.match(shown, /storage +s3:\/\/bots\/a, region eu-west-1/)
  t.match(describeConfig(readConfig({}, settings)), /storage +the disk of DATA_DIR/)
})

/** Has a server say what packages it loads. */
const LOUD = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) {
  const [, name] = /\\/node_modules\\/(@[^/]+|[^/]+)/.exec(url) ?? []
  if (name) process.stderr.write('loaded ' + name + ';')
  return next(url, context)
} })`

t.test('what speaks to buckets is loaded only where there is one, and of that only what it takes', async t => {
  const folder = testFolder(t, { none: {}, some: {}, here: {} })
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(LOUD)}`
  const loaded = async (name: string, env: Record<string, string>) => {
    const server = await startServer(t, `${folder}/${name}`, { NODE_OPTIONS, ...env })
    await server.get('/health/storage')
    await server.kill()
    return ['fastify', 'flydrive', '@aws-sdk', '@google-cloud'].filter(each =>
      server.output.includes(`loaded ${each};`)
    )
  }
  t.same(await loaded('none', {}), ['fastify'])
  t.same(await loaded('some', { STORAGE_URL: `file://${folder}/here` }), ['fastify', 'flydrive'])
})

async function refusalLines(env: Record<string, string>): Promise<string> {
  try {
    readConfig(env, settings)
    return 'started'
  } catch (error) {
    return (error as Error).message
  }
}
