import t from 'tap'
import { passwordProblem } from '../../src/users/password-rule.ts'

const EMAIL = 'ada.lovelace@example.com'

t.test('what everybody tries first is refused, also with digits and signs around it', async t => {
  for (const password of [
    'password',
    'Password1',
    'P@ssw0rd',
    'p4$$w0rd!!',
    '!letmein123',
    'Welcome2024!',
    'iloveyou',
    'QWERTZ1234'
  ])
    t.match(passwordProblem(password, EMAIL), /everybody tries/, password)
})

t.test('rows of characters are refused', async t => {
  for (const password of [
    '12345678',
    '1234567890',
    '987654321',
    'aaaaaaaa',
    'abcdefgh',
    'qwertyuiop',
    'abcabcabc',
    '1q2w3e4r',
    '12121212',
    'zyxwvuts'
  ])
    t.match(passwordProblem(password, EMAIL), /everybody tries/, password)
})

t.test('one’s address and the name of the product are refused', async t => {
  for (const password of [EMAIL, 'Ada.Lovelace', 'ada.lovelace1!', 'botyard1', 'B0tyard!!', 'botyard2026'])
    t.match(passwordProblem(password, EMAIL), 'is your address, or the name of this product', password)
})

t.test('anything else can be taken, whatever characters it has or lacks', async t => {
  for (const password of [
    'correct horse battery',
    'the next password',
    'long enough',
    'a long password',
    'hunter and gatherer',
    'xkvqmzpt',
    '4718 2093 5561',
    'пароль мой',
    '💥💫🚀🛸🌍🌙⭐🪐',
    'lovelace of ada'
  ])
    t.equal(passwordProblem(password, EMAIL), null, password)
})
