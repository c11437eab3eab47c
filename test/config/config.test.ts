import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import settings from '../../gunicorn-equivalent.config.ts'
import { settingsPages } from '../../src/commands/settings-pages.ts'
import { readConfig } from '../../src/config/config.ts'
import { describeConfig } from '../../src/config/describe.ts'
import { Variables } from '../../src/config/variables.ts'
import { StartError } from '../../src/lib/errors.ts'
import { runServer } from '../support/server.ts'

/** What the settings are refused with. */
function refusal(env: NodeJS.ProcessEnv, more: Partial<typeof settings> = {}): string {
  try {
    readConfig(env, { ...settings, ...more })
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
  return 'nothing is wrong'
}

t.test('everything has a default outside of production', async t => {
  t.match(readConfig({}, settings), {
    production: false,
    host: '0.0.0.0',
    port: 20000,
    dataDir: join(process.cwd(), 'data'),
    secretKey: null,
    publicUrl: null,
    trustedProxy: ['loopback'],
    admin: null,
    provider: null,
    maxConcurrentExecutions: 8,
    keep: { days: 90, executions: 100_000, bytes: 10 * 1024 ** 3 },
    logLevel: 'info',
    workerConnections: 1000,
    maxStreams: 4096,
    timeoutMs: 300_000,
    keepAliveMs: 125_000,
    gracefulTimeoutMs: 30_000
  })
})

t.test('HOST and PORT win over bind, each on its own', async t => {
  const bind = '127.0.0.1:3000'
  t.match(readConfig({}, { ...settings, bind }), { host: '127.0.0.1', port: 3000 })
  t.match(readConfig({ PORT: '4000' }, { ...settings, bind }), { host: '127.0.0.1', port: 4000 })
  t.match(readConfig({ HOST: '0.0.0.0' }, { ...settings, bind }), { host: '0.0.0.0', port: 3000 })
  t.match(readConfig({ PORT: '0' }, { ...settings, bind }), { port: 0 }, 'port 0 is a choice, not a missing one')
  t.match(readConfig({}, { ...settings, bind: '[::1]:3000' }), { host: '::1', port: 3000 })
})

t.test('an empty variable is one that nobody set', async t => {
  const empty = Object.fromEntries(Object.keys(Variables.properties).map(name => [name, '']))
  t.same(readConfig(empty, settings), readConfig({}, settings))
  t.match(
    refusal({ NODE_ENV: 'production', PUBLIC_URL: '', DATA_DIR: '' }),
    /PUBLIC_URL is missing[\s\S]*DATA_DIR is missing/
  )
})

t.test('a slash at the end of PUBLIC_URL makes no difference', async t => {
  t.equal(readConfig({ PUBLIC_URL: 'https://bots.example.com/' }, settings).publicUrl, 'https://bots.example.com')
})

t.test('several trusted proxies are separated by commas', async t => {
  t.same(readConfig({ TRUSTED_PROXY: '10.0.0.1, 10.1.0.0/16' }, settings).trustedProxy, ['10.0.0.1', '10.1.0.0/16'])
})

t.test('several origins are separated by commas, and are origins', async t => {
  const origins = (text: string) => readConfig({ CORS_ORIGINS: text }, settings).corsOrigins
  t.same(origins(' https://a.example.com ,http://localhost:8080'), ['https://a.example.com', 'http://localhost:8080'])
  t.same(origins(''), [], 'by default there are none')
  for (const wrong of [
    '*',
    'null',
    'a.example.com',
    'https://a.example.com/',
    'https://a.example.com/path',
    'https://*.example.com',
    'https://A.example.com',
    'https://a.example.com:443',
    'file:///tmp'
  ]) {
    t.match(
      refusal({ CORS_ORIGINS: `https://b.example.com,${wrong}` }),
      `CORS_ORIGINS has "${wrong}": expected an origin`
    )
  }
})

t.test('more than one worker is refused with the reason', async t => {
  for (const workers of [0, 2, 8]) {
    t.match(
      refusal({}, { workers }),
      new RegExp(`workers in gunicorn-equivalent.config.ts is ${workers}: only 1 works, as`)
    )
  }
})

t.test('a senseless process setting is refused by its name', async t => {
  t.match(refusal({}, { bind: '20000' }), 'bind in gunicorn-equivalent.config.ts is "20000": expected host:port')
  for (const name of ['workerConnections', 'maxStreams', 'timeout', 'keepAlive', 'gracefulTimeout'] as const) {
    for (const value of [0, -1, 1.5, Number.NaN]) {
      t.match(
        refusal({}, { [name]: value }),
        `${name} in gunicorn-equivalent.config.ts is ${value}: expected a whole number`
      )
    }
  }
})

t.test('a senseless variable is refused with what was given and what is wanted', async t => {
  const senseless: [name: string, value: string, wanted: RegExp][] = [
    ['PORT', 'http', /expected a whole number of 0 to 65535$/m],
    ['PORT', '65536', /expected a whole number of 0 to 65535$/m],
    ['PORT', '-1', /expected a whole number/],
    ['PORT', '80.5', /expected a whole number/],
    ['PUBLIC_URL', 'bots.example.com', /expected an address such as https:/],
    ['PUBLIC_URL', 'ftp://bots.example.com', /expected an address such as https:/],
    ['PUBLIC_URL', 'https://', /expected an address such as https:/],
    ['PUBLIC_URL', 'https://example.com/bots', /expected an address such as https:.+, without a path/],
    ['ADMIN_EMAIL', 'nobody', /expected an e-mail address/],
    ['BOT_USER', 'a b', /expected the name of a system user/],
    ['MAX_CONCURRENT_EXECUTIONS', '0', /expected a whole number of 1 to 1000$/m],
    ['MAX_CONCURRENT_EXECUTIONS', 'many', /expected a whole number of 1 to 1000$/m],
    ['KEEP_DAYS', '0', /expected a whole number of 1 to 36500$/m],
    ['KEEP_EXECUTIONS', '0', /expected a whole number of at least 1$/m],
    ['KEEP_BYTES', '10GB', /expected a whole number of at least 1$/m],
    ['SENTRY_FAILED_BOTS', 'yes', /expected true or false$/m],
    ['LOG_LEVEL', 'loud', /expected one of fatal, error, warn, info, debug, trace, silent/]
  ]
  for (const [name, value, wanted] of senseless) {
    const message = refusal({ [name]: value })
    t.match(message, `${name} is "${value}"`, `${name}=${value}: says what was given`)
    t.match(message, wanted, `${name}=${value}: says what is wanted`)
  }
})

t.test('a port that bind cannot have is refused', async t => {
  t.match(refusal({}, { bind: '0.0.0.0:99999' }), 'bind in gunicorn-equivalent.config.ts is "0.0.0.0:99999"')
})

t.test('a trusted proxy that is no address is refused by its name', async t => {
  t.match(refusal({ TRUSTED_PROXY: 'the-proxy' }), /TRUSTED_PROXY has "the-proxy": expected an address/)
  for (const wrong of ['10.0.0', '10.0.0.1/33', '10.0.0.1/', '::1/129', '10.0.0.1/8/8']) {
    t.match(refusal({ TRUSTED_PROXY: `loopback,${wrong}` }), `TRUSTED_PROXY has "${wrong}"`)
  }
  t.match(readConfig({ TRUSTED_PROXY: 'loopback, 10.0.0.0/8,, ::1/128,' }, settings).trustedProxy, [
    'loopback',
    '10.0.0.0/8',
    '::1/128'
  ])
})

t.test('the administrator of the settings needs both an address and a password', async t => {
  const both = /ADMIN_EMAIL and ADMIN_PASSWORD go together/
  t.match(refusal({ ADMIN_EMAIL: 'admin@example.com' }), both)
  t.match(refusal({ ADMIN_PASSWORD: 'correct horse' }), both)
})

/** The least that lets people sign in with a provider. */
const PROVIDER = {
  PUBLIC_URL: 'https://bots.example.com',
  OIDC_ISSUER: 'https://id.example.com/realms/main',
  OIDC_CLIENT_ID: 'botyard'
}

t.test('a provider is its issuer and what it knows us by; all else has a default', async t => {
  t.same(readConfig(PROVIDER, settings).provider, {
    issuer: 'https://id.example.com/realms/main',
    clientId: 'botyard',
    clientSecret: null,
    name: 'id.example.com',
    newUsers: null
  })
  const all = {
    OIDC_CLIENT_SECRET: 'between us',
    OIDC_NAME: 'Example ID',
    OIDC_ALLOWED_DOMAINS: 'Example.com, example.org',
    OIDC_NEW_USERS_ROLE: 'viewer'
  }
  t.match(readConfig({ ...PROVIDER, ...all }, settings).provider, {
    clientSecret: 'between us',
    name: 'Example ID',
    newUsers: { domains: ['example.com', 'example.org'], role: 'viewer' }
  })
  t.notMatch(describeConfig(readConfig({ ...PROVIDER, ...all }, settings)), 'between us')
})

t.test('half a provider is refused, with all that is missing', async t => {
  t.match(refusal({ OIDC_ISSUER: PROVIDER.OIDC_ISSUER }), /go together, and OIDC_ISSUER alone does nothing/)
  t.match(refusal({ OIDC_NAME: 'x', OIDC_CLIENT_SECRET: 'y' }), /OIDC_CLIENT_SECRET, OIDC_NAME alone do nothing/)
  t.match(
    refusal({ ...PROVIDER, PUBLIC_URL: '', OIDC_CLIENT_ID: '', PORT: 'http' }),
    /PORT is[\s\S]*OIDC_ISSUER and OIDC_CLIENT_ID go together[\s\S]*PUBLIC_URL is missing/
  )
  const both = /OIDC_ALLOWED_DOMAINS and OIDC_NEW_USERS_ROLE go together/
  t.match(refusal({ ...PROVIDER, OIDC_ALLOWED_DOMAINS: 'example.com' }), both)
  t.match(refusal({ ...PROVIDER, OIDC_NEW_USERS_ROLE: 'viewer' }), both)
  for (const domains of [
    '@example.com',
    'example',
    'https://example.com',
    'a@example.com',
    'example.com,',
    '*.example.com'
  ])
    t.match(
      refusal({ ...PROVIDER, OIDC_ALLOWED_DOMAINS: domains, OIDC_NEW_USERS_ROLE: 'viewer' }),
      'OIDC_ALLOWED_DOMAINS has "'
    )
  t.match(
    refusal({ ...PROVIDER, OIDC_ALLOWED_DOMAINS: 'example.com', OIDC_NEW_USERS_ROLE: 'admin' }),
    /viewer, operator/
  )
})

t.test('an issuer is one provider, by https, or by http on this machine', async t => {
  const issuer = (OIDC_ISSUER: string) => refusal({ ...PROVIDER, OIDC_ISSUER })
  for (const loopback of ['http://localhost:8080', 'http://127.0.0.1:1/x', 'http://[::1]:9000'])
    t.equal(issuer(loopback), 'nothing is wrong', loopback)
  for (const plain of [
    'http://id.example.com',
    'http://127.0.0.1.evil.example',
    'http://localhost.example.com',
    'ftp://x',
    'id.example.com'
  ])
    t.match(issuer(plain), /OIDC_ISSUER is ".*": expected https/, plain)
  for (const more of ['https://a:b@id.example.com', 'https://id.example.com/?x', 'https://id.example.com/#x'])
    t.match(issuer(more), /without a user, a \? or a #/, more)
  for (const any of ['common', 'organizations', 'consumers'])
    t.match(issuer(`https://login.microsoftonline.com/${any}/v2.0`), /any tenant of Microsoft's/, any)
  t.equal(issuer('https://login.microsoftonline.com/72f988bf-0000-0000-0000-2d7cd011db47/v2.0'), 'nothing is wrong')
})

t.test('production refuses a data folder that a reboot empties', async t => {
  const env = { NODE_ENV: 'production', PUBLIC_URL: 'https://bots.example.com' }
  t.match(refusal({ ...env, DATA_DIR: '/tmp/botyard' }), 'DATA_DIR is /tmp/botyard: a temporary folder')
  t.match(refusal({ ...env, DATA_DIR: '/tmp' }), 'DATA_DIR is /tmp: a temporary folder')
  t.equal(readConfig({ ...env, DATA_DIR: '/var/lib/botyard' }, settings).dataDir, '/var/lib/botyard')
})

t.test('a secret that is refused is not repeated', async t => {
  const message = refusal({ SECRET_KEY: 'too-short-key', ADMIN_EMAIL: 'a@example.com', ADMIN_PASSWORD: 'short' })
  t.match(message, /SECRET_KEY: expected text of at least 32 characters. Make one: openssl rand -hex 32/)
  t.match(message, /ADMIN_PASSWORD: expected text of 8 to 256 characters/)
  t.notMatch(message, 'too-short-key')
  t.notMatch(message, '"short"')
})

t.test('the settings as printed name secrets and never show them', async t => {
  const env = { SECRET_KEY: 'k'.repeat(40), ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'correct horse' }
  const printed = describeConfig(readConfig(env, settings))
  t.match(printed, /secretKey +set/)
  t.match(printed, /admin +admin@example.com, password set/)
  t.notMatch(printed, env.SECRET_KEY)
  t.notMatch(printed, env.ADMIN_PASSWORD)
})

t.test("bots get none of the server's variables, and the machine's PATH rather than npm's", async t => {
  const env = {
    PATH: '/app/node_modules/.bin:/usr/bin:/bin',
    SECRET_KEY: 'k'.repeat(40),
    TZ: 'Europe/Berlin',
    ANY: 'x'
  }
  const { botEnvironment } = readConfig(env, settings)
  t.same(Object.keys(botEnvironment).sort(), ['HOME', 'LANG', 'PATH', 'TZ'])
  t.match(botEnvironment, { PATH: '/usr/bin:/bin', TZ: 'Europe/Berlin' })
})

for (const [path, text] of Object.entries(settingsPages())) {
  t.test(`${path} says what the settings are (npm run settings-pages)`, async t => {
    t.equal(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'), text)
  })
}

t.test('the page of settings has each one, of the process too', async t => {
  const page = settingsPages()['docs/configuration.md']!
  for (const name of [...Object.keys(Variables.properties), ...Object.keys(settings)])
    t.match(page, new RegExp(`^\\| \`${name}\` \\| .+ \\| .+ \\|$`, 'm'))
})

t.test('--check-config prints what is in force and exits 0', async t => {
  const cwd = t.testdir({})
  const env = {
    PORT: '1234',
    SECRET_KEY: 'k'.repeat(40),
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'correct horse'
  }
  const { code, stdout, stderr } = await runServer(env, ['--check-config'], cwd)
  t.equal(code, 0)
  t.equal(stderr, '')
  t.match(stdout, /^port +1234$/m)
  t.match(stdout, new RegExp(`^dataDir +${join(cwd, 'data')}$`, 'm'))
  t.notMatch(stdout, env.SECRET_KEY)
  t.notMatch(stdout, env.ADMIN_PASSWORD)
})

t.test('--check-config says all that is wrong and exits 1', async t => {
  const { code, stdout, stderr } = await runServer(
    { PORT: 'http', LOG_LEVEL: 'loud' },
    ['--check-config'],
    t.testdir({})
  )
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /PORT is "http"[\s\S]*LOG_LEVEL is "loud"/)
})

t.test('production without PUBLIC_URL and DATA_DIR does not start, and names both', async t => {
  const cwd = t.testdir({})
  const { code, stdout, stderr } = await runServer({ NODE_ENV: 'production' }, [], cwd)
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /PUBLIC_URL is missing[\s\S]*DATA_DIR is missing/)
  t.notMatch(stderr, /^\s+at /m)
})

t.test('.env is in force from the start, and what the shell sets wins', async t => {
  const cwd = t.testdir({ '.env': 'PORT=1111\nLOG_LEVEL=warn\nTZ=Australia/Lord_Howe\nPUBLIC_URL=\n' })
  const { code, stdout } = await runServer({ LOG_LEVEL: 'error' }, ['--check-config'], cwd)
  t.equal(code, 0)
  t.match(stdout, /^port +1111$/m)
  t.match(stdout, /^logLevel +error$/m)
  t.match(stdout, /^publicUrl +null$/m)
  t.match(stdout, /"TZ":"Australia\/Lord_Howe"/)
})

t.test('a mail server is read from its address, and where mail comes from', async t => {
  const mailOf = (SMTP_URL: string, SMTP_FROM?: string) => readConfig({ SMTP_URL, SMTP_FROM }, settings).mail
  t.same(mailOf('smtp://localhost', 'bots@example.com'), {
    server: { host: 'localhost', port: 587, secure: false, auth: null },
    from: 'bots@example.com'
  })
  t.same(mailOf('smtps://bots%40example.com:p%3Aw@mail.example.com:4650'), {
    server: {
      host: 'mail.example.com',
      port: 4650,
      secure: true,
      auth: { user: 'bots@example.com', pass: 'p:w' }
    },
    from: 'bots@example.com'
  })
  t.match(refusal({ SMTP_URL: 'smtp://user:hush@mail.example.com' }), /SMTP_FROM is missing/)
  t.match(refusal({ SMTP_FROM: 'bots@example.com' }), /does nothing without SMTP_URL/)
  for (const url of ['https://hush', 'smtp://a/?hush=1', 'smtp://', 'hush']) {
    const said = refusal({ SMTP_URL: url, SMTP_FROM: 'bots@example.com' })
    t.match(said, /SMTP_URL must be/, url)
    t.notMatch(said, /hush/)
  }
  const shown = describeConfig(readConfig({ SMTP_URL: 'smtp://user:hush@h', SMTP_FROM: 'a@b.example' }, settings))
  t.match(shown, /h:587, from a@b\.example/)
  t.notMatch(shown, /hush/)
})

t.test('where requests may go besides the internet is a list of hosts and networks', async t => {
  t.same(readConfig({}, settings).outgoingAllow, [])
  const OUTGOING_ALLOW = ' ntfy.internal, 10.0.0.0/8 ,::1,'
  t.same(readConfig({ OUTGOING_ALLOW }, settings).outgoingAllow, ['ntfy.internal', '10.0.0.0/8', '::1'])
  t.match(refusal({ OUTGOING_ALLOW: 'localhost:25' }), /OUTGOING_ALLOW has "localhost:25": expected a host/)
})
