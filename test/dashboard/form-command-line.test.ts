import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import {
  indented,
  isScript,
  moved,
  parametersIn,
  quoted,
  readPasted,
  variableFor
} from '../../src/dashboard/forms/command-line.ts'
import { shortened } from '../../src/dashboard/forms/shortened.ts'
import { seeded, unicodeText } from '../support/properties.ts'

t.test('a pasted line is split as it is quoted', async t => {
  for (const [line, command] of [
    ['git pull -q', ['git', 'pull', '-q']],
    ['  python3   "my script.py" --name=\'a b\'', ['python3', 'my script.py', '--name=a b']],
    ['echo ""', ['echo', '']],
    ['echo {{ parameters.name }}!', ['echo', '{{parameters.name}}!']],
    ["grep 'a|b' file", ['grep', 'a|b', 'file']]
  ] as const) {
    t.same(readPasted(line), { kind: 'arguments', command }, line)
  }
  for (const word of ['', '  ', 'git', '/usr/bin/git ', '"one word"']) t.equal(readPasted(word), null, word)
})

t.test('a line that only a shell understands becomes a script', async t => {
  for (const line of [
    'ls | wc -l',
    'make && make install',
    'echo $HOME',
    'echo "$HOME"',
    'echo $(date)',
    'echo `date`',
    'sort < in > out',
    'sleep 1; date',
    'ls *.txt',
    'cat ~/notes',
    'cd /srv\nmake'
  ]) {
    t.same(readPasted(line), { kind: 'script', command: ['/bin/bash', '-c', line] }, line)
  }
  for (const line of ["echo '$HOME | x'", 'curl "https://example.com/?a=b"', 'price 5$ x']) {
    t.match(readPasted(line), { kind: 'arguments' }, line)
  }
})

t.test('a script is what a shell is told to run', async t => {
  for (const command of [
    ['/bin/bash', '-c', ''],
    ['sh', '-c', 'x'],
    ['/usr/bin/zsh', '-ec', 'x', 'name']
  ]) {
    t.equal(isScript(command), true, command.join(' '))
  }
  for (const command of [
    [],
    ['bash'],
    ['bash', '-c'],
    ['bash', 'x.sh', 'y'],
    ['python3', '-c', 'x'],
    ['bash', '-x', 'y']
  ]) {
    t.equal(isScript(command), false, command.join(' '))
  }
})

t.test('a shell reads from a quoted command exactly its arguments', async t => {
  fc.assert(
    fc.property(
      fc.array(
        unicodeText().filter(text => !text.includes('\0')),
        { minLength: 1 }
      ),
      command => {
        const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${quoted(command)}`])
        const sent = command.map(argument => Buffer.from(argument).toString())
        t.same(stdout.toString().split('\0').slice(0, -1), sent)
      }
    ),
    { ...seeded(t), numRuns: 50 }
  )
  t.equal(quoted(['echo', "it's", '', '--a=b/c']), "echo 'it'\\''s' '' --a=b/c")
})

t.test('parameters in a text are found once, and have a variable to be passed in', async t => {
  t.same(parametersIn('{{parameters.a}} {{ parameters.b-c.d }} {{parameters.a}} {{payload.x}} {{other}}'), ['a', 'b-c'])
  t.equal(variableFor('issue-number'), 'ISSUE_NUMBER')
  t.equal(variableFor('2nd'), '_2ND')
})

t.test('an item moves by one place, and not out of the list', async t => {
  t.same(moved(['a', 'b', 'c'], 2, -1), ['a', 'c', 'b'])
  t.same(moved(['a', 'b', 'c'], 0, 1), ['b', 'a', 'c'])
  t.same(moved(['a', 'b', 'c'], 0, -1), ['a', 'b', 'c'])
  t.same(moved(['a', 'b', 'c'], 2, 1), ['a', 'b', 'c'])
})

t.test('every line that a selection touches is indented, empty ones aside', async t => {
  const text = 'one\ntwo\n\nthree\n'
  t.same(indented(text, 1, 5), { from: 0, to: 7, lines: '  one\n  two' })
  t.same(indented(text, 4, 14), { from: 4, to: 14, lines: '  two\n\n  three' })
  t.same(
    indented(text, 0, 4),
    { from: 0, to: 3, lines: '  one' },
    'a line of which only the beginning is reached stays'
  )
})

t.test('a long text is shown by its beginning and says how much is left', async t => {
  t.equal(shortened('short\ntext'), 'short\ntext')
  t.equal(shortened('x'.repeat(801)), `${'x'.repeat(800)}\n… and 1 more character`)
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`)
  t.equal(shortened(lines.join('\n')), `${lines.slice(0, 12).join('\n')}\n… and 64 more characters`)
})
