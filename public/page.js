// The setup link carries its token behind the #, which browsers send to nobody.
const setupToken = location.pathname === '/setup' ? location.hash.slice(1) : ''
const form = document.querySelector('#setup')
const message = document.querySelector('#message')
const welcome = document.querySelector('#welcome')

if (setupToken) {
  form.hidden = false
  welcome.hidden = true
}

form.addEventListener('submit', async event => {
  event.preventDefault()
  const fields = new FormData(form)
  const body = {
    setupToken,
    email: fields.get('email'),
    password: fields.get('password'),
    bundledBots: fields.has('bundledBots')
  }
  const response = await fetch('/api/auth/setup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  }).catch(() => null)
  const answer = response ? await response.json() : { detail: 'The server does not answer. Try again.' }
  if (!response?.ok) {
    message.textContent =
      answer.errors?.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ') ?? answer.detail
    return
  }
  history.replaceState(null, '', '/')
  form.hidden = true
  welcome.hidden = false
  message.textContent = `You are signed in as ${answer.user.email}.`
})
