import t from 'tap'
import { ApiProblem, unreachable } from '../../src/dashboard/api/problem.ts'
import { cleanPaste } from '../../src/dashboard/terminal/clean-paste.ts'
import { InputQueue } from '../../src/dashboard/terminal/input-queue.ts'
import { actionOf } from '../../src/dashboard/terminal/key-action.ts'
import { eventually } from '../support/wait.ts'

interface Request {
  text: string
  answer: (problem?: unknown) => void
}

/** A queue whose requests wait for an answer. */
function queueWithRequests() {
  const requests: Request[] = []
  const queue = new InputQueue(
    text =>
      new Promise((resolve, reject) => {
        requests.push({ text, answer: problem => (problem ? reject(problem) : resolve()) })
      }),
    () => {}
  )
  t.teardown(() => queue.close())
  const next = () => eventually('a request', () => requests.shift())
  return { queue, requests, next }
}

const full = () => new ApiProblem({ code: 'input_full', detail: 'It is full.' }, 409)

t.test('what is typed goes in order, one request at a time, with all that came meanwhile in the next', async t => {
  const { queue, requests, next } = queueWithRequests()
  queue.push('a')
  const first = await next()
  for (const key of 'bcd') queue.push(key)
  t.equal(first.text, 'a')
  t.same([requests.length, queue.waiting], [0, 4])
  first.answer()
  const second = await next()
  t.equal(second.text, 'bcd')
  second.answer()
  await eventually('all gone', () => queue.waiting === 0)
  t.equal(queue.problem, null)
})

t.test('Escape goes without the key that follows, which would make another key of it', async t => {
  const { queue, next } = queueWithRequests()
  for (const key of ['a', 'b', '\x1b', ':', 'q', '\x1b[A', 'c']) queue.push(key)
  const sent: string[] = []
  for (let count = 0; count < 3; count++) {
    const request = await next()
    sent.push(request.text)
    request.answer()
  }
  t.same(sent, ['a', 'b\x1b', ':q\x1b[Ac'])
})

t.test('a long text goes in pieces that cut no character', async t => {
  const { queue, next } = queueWithRequests()
  const text = `x${'😀'.repeat(5000)}`
  queue.push(text.slice(0, 4000))
  queue.push(text.slice(4000))
  let sent = ''
  while (sent.length < text.length) {
    const request = await next()
    t.ok(request.text.isWellFormed() && Buffer.byteLength(request.text) <= 4096, `${request.text.length} characters`)
    sent += request.text
    request.answer()
  }
  t.equal(sent, text)
})

t.test('what did not go waits in its order until it is sent again, or forgotten', async t => {
  const { queue, requests, next } = queueWithRequests()
  queue.push('one ')
  const request = await next()
  queue.push('two ')
  request.answer(unreachable())
  await eventually('a problem', () => queue.problem !== null)
  queue.push('three')
  t.same([requests.length, queue.waiting], [0, 13])
  queue.retry()
  t.equal(queue.problem, null)
  const again = await next()
  t.equal(again.text, 'one two three')
  again.answer(unreachable())
  await eventually('a problem', () => queue.problem !== null)
  queue.discard()
  t.same([requests.length, queue.waiting, queue.problem], [0, 0, null])
  queue.push('four')
  const last = await next()
  t.equal(last.text, 'four')
  last.answer()
})

t.test('what the bot has no room for is a problem, and is sent again by itself', async t => {
  const { queue, next } = queueWithRequests()
  queue.push('one ')
  ;(await next()).answer(full())
  await eventually('a problem', () => queue.problem !== null)
  queue.push('two')
  const again = await next()
  t.equal(again.text, 'one two')
  t.match(queue.problem, { code: 'input_full' })
  again.answer()
  await eventually('no problem', () => queue.problem === null && queue.waiting === 0)
})

t.test('a paste loses the control characters that could end it, and keeps its lines', async t => {
  t.equal(cleanPaste('one\r\n\ttwo\x1b[201~; rm -rf\r\x07\x00\x9b201~ü😀\x7f'), 'one\r\n\ttwo[201~; rm -rf\r201~ü😀')
})

t.test('keys go to the bot but for those that lead out, copy and paste', async t => {
  const press = (name: string, more: Partial<Parameters<typeof actionOf>[1]> = {}) => {
    const parts = name.split('+')
    const has = (modifier: string) => parts.slice(0, -1).includes(modifier)
    const key = {
      key: parts.at(-1)!,
      ctrlKey: has('Ctrl'),
      shiftKey: has('Shift'),
      altKey: has('Alt'),
      metaKey: has('Meta')
    }
    return actionOf(key, { typing: true, selection: false, mac: false, ...more })
  }
  for (const key of [
    'a',
    'Enter',
    'Tab',
    'Shift+Tab',
    'Escape',
    'ArrowUp',
    'PageUp',
    'Ctrl+c',
    'Ctrl+d',
    'Alt+m',
    'm'
  ]) {
    t.equal(press(key), 'type', key)
  }
  t.equal(press('Ctrl+m'), 'leave')
  t.equal(press('Ctrl+M'), 'leave', 'with caps lock')
  t.equal(press('Ctrl+c', { selection: true }), 'copy')
  t.equal(press('Ctrl+v'), 'browser', 'which pastes')

  t.equal(press('Ctrl+c', { selection: true, mac: true }), 'type', 'a Mac has another key to copy')
  t.equal(press('Ctrl+v', { mac: true }), 'type')
  t.equal(press('Ctrl+m', { mac: true }), 'leave')

  const reading = { typing: false }
  for (const key of ['a', 'Tab', 'Escape', 'Ctrl+m', 'Ctrl+v', 'Shift+PageUp'])
    t.equal(press(key, reading), 'browser', key)
  t.equal(press('Ctrl+c', { ...reading, selection: true }), 'copy')
  t.same(
    ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'].map(key => press(key, reading)),
    ['line-up', 'line-down', 'page-up', 'page-down', 'start', 'end']
  )
})
