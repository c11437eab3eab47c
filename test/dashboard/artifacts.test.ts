import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'

/** A picture of one pixel each. */
const PICTURES = {
  'one.png': 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'one.gif': 'R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs='
}

/** A second of silence, so that a browser has something to play. */
const WAV = Buffer.concat([
  Buffer.from('RIFF'),
  Buffer.from([0x64, 0x1f, 0, 0]),
  Buffer.from('WAVEfmt '),
  Buffer.from([16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0]),
  Buffer.from('data'),
  Buffer.from([0x40, 0x1f, 0, 0]),
  Buffer.alloc(8000, 128)
])

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="window.ran=1"><script>window.ran=1</script><circle r="20" cx="20" cy="20" fill="teal"/></svg>'

const SCRIPT = `cd "$BOTYARD_ARTIFACTS"
mkdir -p reports
for name in ${Object.keys(PICTURES).join(' ')}; do printf %s "$(eval echo \\$$(echo $name | tr . _))" | base64 -d >reports/$name; done
printf '%s' "$SVG" >drawing.svg
printf %s "$WAV" | base64 -d >sound.wav
printf '<script>window.ran=1</script> and <img src=x onerror=window.ran=1>\\n' >page.html
printf '{"ok":true,"count":3}' >result.json
yes 'a line of the log' | head -c 100000 >long.log
: >empty.txt
printf 'no\\0text' >binary.txt
head -c 3000 /dev/urandom >broken.png
printf 'PK' >archive.zip`

t.test('what a bot has left is looked at where it is listed', needsBrowser, async t => {
  const app = await buildApp(t)
  const pictures = Object.fromEntries(Object.entries(PICTURES).map(([name, bytes]) => [name.replace('.', '_'), bytes]))
  const env = { ...pictures, SVG, WAV: WAV.toString('base64') }
  const { id } = await app.finished(['/bin/sh', '-c', SCRIPT], { env })
  const { page, context, complaints } = await openDashboard(t, app, `/executions/${id}?show=results`)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])

  const nameOf = (name: string) => page.getByRole('button', { name, exact: true })
  const row = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  const look = async (name: string) => {
    await nameOf(name).focus()
    await page.keyboard.press('Enter')
    t.equal(await nameOf(name).getAttribute('aria-expanded'), 'true', name)
  }
  await sees(nameOf('result.json'))

  for (const name of ['reports/one.png', 'reports/one.gif', 'drawing.svg']) {
    await look(name)
    const image = page.getByRole('img', { name, exact: true })
    await sees(image)
    t.ok(
      await image.evaluate(async each => {
        await each.decode()
        return each.naturalWidth
      }),
      `${name} is a picture`
    )
  }
  await look('sound.wav')
  const sound = page.locator('audio')
  await sees(sound)
  t.equal(
    await sound.evaluate(
      each =>
        new Promise(done => {
          if (each.readyState > 0) done(each.duration)
          each.onloadedmetadata = () => done(each.duration)
        })
    ),
    1
  )

  await look('result.json')
  await sees(row('result.json').getByText('"count": 3'))
  await look('page.html')
  await sees(row('page.html').getByText('<script>window.ran=1</script>'))
  await look('long.log')
  await sees(row('long.log').getByText('This is only its beginning.'))
  t.equal((await row('long.log').getByRole('region').textContent())!.length, 64 * 1024)
  await look('empty.txt')
  await sees(row('empty.txt').getByText('It is empty.'))
  await look('binary.txt')
  await sees(row('binary.txt').getByText('This is no text.'))
  await look('broken.png')
  await sees(row('broken.png').getByText('The browser cannot show it.'))
  t.equal(await nameOf('archive.zip').count(), 0, 'what cannot be shown is not offered to be')
  await nameOf('result.json').click()
  await seesNoMore(page.getByText('"count": 3'))

  await page.getByRole('button', { name: 'Copy a link to result.json' }).click()
  await sees(row('result.json').getByText('Link copied.'))
  const url = (await page.evaluate('navigator.clipboard.readText()')) as string
  t.equal(await (await fetch(url)).text(), '{"ok":true,"count":3}')

  t.equal(await page.evaluate('window.ran'), undefined, 'nothing of it has run')
  await isAccessible(t, page, 'artifacts that are looked at')
  noComplaints(t, complaints)
})
