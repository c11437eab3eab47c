import { readFileSync } from 'node:fs'
import t from 'tap'
import { API_TYPES_FILE, apiTypes } from '../../src/commands/api-types.ts'

t.test('the dashboard knows the API as it is; if not, `npm run api-types`', async t => {
  t.equal(readFileSync(API_TYPES_FILE, 'utf8'), await apiTypes())
})
