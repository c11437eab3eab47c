import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { needsPrometheus, type Prometheus, promtool, startPrometheus } from '../support/prometheus.ts'
import { makeSchedule } from '../support/schedules.ts'
import { eventually } from '../support/wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const RULES = join(ROOT, 'deploy/prometheus-rules.yml')

interface Panel {
  title: string
  type: string
  datasource: { uid: string }
  targets: { expr: string; datasource: { uid: string } }[]
}

const dashboard = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana.json'), 'utf8')) as {
  title: string
  uid: string
  panels: Panel[]
  templating: { list: { name: string; type: string; query: unknown }[] }
}
const rules = (parse(readFileSync(RULES, 'utf8')).groups as { rules: { alert: string; expr: string }[] }[]).flatMap(
  group => group.rules
)

/** As Grafana fills in its variables. */
const filledIn = (expr: string) =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '6h').replaceAll('$instance', '.*')

/** The metrics that an expression names: what is followed by labels, a time or nothing, and is no function or label. */
const metricsIn = (expr: string) => expr.match(/\b(botyard|process|nodejs)_\w+/g) ?? []

t.test('the numbers, the dashboard and the alerts', async t => {
  const folder = testFolder(t, { backups: {} })
  const backup = { url: join(folder, 'backups'), cron: '30 3 * * *', keep: 1, passphrase: null }
  const app = await buildApp(t, { dataDir: join(folder, 'data'), config: { backup } })
  await app.post('/admin/backup')
  await app.finished(['true'], { name: 'Good' })
  const bad = await app.makeBot(['false'], { name: 'Bad' })
  await makeSchedule(app, bad, { at: Date.now() + 2000 })
  await eventually('a failure by schedule', async () => /state="failed"/.test((await app.get('/metrics')).text))
  await eventually('a backup', async () => /^botyard_backup_ok 1$/m.test((await app.get('/metrics')).text))
  const { text } = await app.get('/metrics')
  const names = new Set([...text.matchAll(/^([a-z]\w*)[{ ]/gm)].map(([, name]) => name))
  const declared = [...text.matchAll(/^# HELP (botyard_\S+) (.*)\n# TYPE \S+ (\S+)$/gm)]

  t.test('the docs list every metric with its kind, its labels and what it is', async t => {
    const docs = readFileSync(join(ROOT, 'docs/watching.md'), 'utf8')
    const listed = [...docs.matchAll(/^\| `(botyard_\w+)` \| (\w+) \| (.*) \| (.*) \|$/gm)]
    const labelsOf = (name: string) => {
      const labels = new RegExp(`^${name}(?:_count)?\\{(.*)\\} `, 'm').exec(text)?.[1] ?? ''
      return [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).join(', ')
    }
    t.same(
      listed.map(([, name, type, labels, help]) => ({ name, type, labels, help })),
      declared.map(([, name, help, type]) => ({ name, type, labels: labelsOf(name!), help }))
    )
  })

  t.test('the dashboard asks whatever Prometheus its reader chooses, and each metric it names is there', async t => {
    t.match(dashboard, { title: 'Botyard', uid: 'botyard' })
    t.match(dashboard.templating.list[0], { name: 'datasource', type: 'datasource', query: 'prometheus' })
    const targets = dashboard.panels.flatMap(panel => panel.targets)
    t.ok(
      [...dashboard.panels, ...targets].every(({ datasource }) => datasource.uid === `\${datasource}`),
      'no source is named'
    )
    for (const { expr } of [...targets, ...rules]) {
      t.ok(metricsIn(expr).length > 0 || /\bup\b/.test(expr), expr)
      t.same(
        metricsIn(expr).filter(name => !names.has(name)),
        [],
        expr
      )
    }
    t.equal(new Set(dashboard.panels.map(({ title }) => title)).size, dashboard.panels.length)
  })

  t.test("the alerts pass Prometheus' own check", needsPrometheus, async t => {
    t.equal(await promtool(['check', 'rules', RULES]), '')
  })

  t.test('a real Prometheus understands every expression', needsPrometheus, async t => {
    const prometheus: Prometheus = await startPrometheus(t, app.url, app.token!)
    await eventually(
      'two scrapes',
      async () => (await prometheus.query('rate(process_cpu_seconds_total[1m])')).length > 0
    )
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const found = await prometheus.query(filledIn(expr))
        // Nothing has happened between two scrapes; how it stands is always there.
        if (!/rate\(|increase\(/.test(expr)) t.ok(found.length > 0, `${title}: ${expr}`)
      }
    }
    const firing = new Map<string, unknown[]>()
    for (const { alert, expr } of rules) firing.set(alert, await prometheus.query(expr))
    t.match(firing.get('BotFailing'), [{ metric: { bot: 'bad' } }], 'also for the first failure of all')
    for (const alert of ['BotyardDown', 'BotyardQueueStuck', 'BotyardDiskLow', 'BotyardBackupMissing'])
      t.same(firing.get(alert), [], alert)
  })
})
