import t from 'tap'
import { commandIn } from '../../src/dashboard/log/commands.ts'

t.test('errors, warnings and notices say what, and where', async t => {
  t.same(commandIn('::error::It broke'), { kind: 'error', text: 'It broke', place: null })
  t.same(commandIn('::warning file=src/a.c,line=12,col=3::Careful'), {
    kind: 'warning',
    text: 'Careful',
    place: 'src/a.c:12'
  })
  t.same(commandIn('  ::notice file=a.ts,title=Look here::it is so'), {
    kind: 'notice',
    text: 'Look here: it is so',
    place: 'a.ts'
  })
})

t.test('what is written escaped is read', async t => {
  t.same(commandIn('::error file=C%3A\\a%2Cb,line=1::50%25%0D%0Amore'), {
    kind: 'error',
    text: '50% ↵ more',
    place: 'C:\\a,b:1'
  })
  t.equal(commandIn('::error::%250A')?.text, '%0A', 'once')
})

t.test('a group has a title, and its end none', async t => {
  t.same(commandIn('::group::Build :: and test'), { kind: 'group', text: 'Build :: and test', place: null })
  t.same(commandIn('::endgroup::'), { kind: 'aside', text: '', place: null })
})

t.test('what is to be masked is not given back', async t => {
  t.same(commandIn('::add-mask::hunter2'), { kind: 'aside', text: '::add-mask::***', place: null })
})

t.test('any other line is no command', async t => {
  for (const line of [
    '',
    'std::vector<int>::size',
    '::set-output name=a::b',
    'see ::error::',
    '::error',
    ':: error ::x'
  ]) {
    t.equal(commandIn(line), null, line)
  }
})
