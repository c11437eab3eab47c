import { STATUS_CODES } from 'node:http'
import type { Test } from 'tap'
import type { Answer } from './client.ts'

/** Checks that an answer is a whole problem document of RFC 9457 and gives nothing of the code away. */
export function isProblem(t: Test, answer: Answer, status: number, code: string, label = code): void {
  t.equal(answer.status, status, `${label}: status ${status}`)
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/, `${label}: is problem+json`)
  t.match(
    answer.body,
    {
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      code,
      detail: /\w.*[.:]/,
      instance: /^urn:botyard:request:/
    },
    `${label}: says what is wrong`
  )
  t.notMatch(answer.text, /node_modules|\.[jt]s:\d+|\\n\s+at /, `${label}: shows no stack`)
}

/** The paths of the fields that an answer says are wrong, sorted, each once. */
export function wrongFields(answer: Answer): string[] {
  return [...new Set((answer.body?.errors as { path: string }[] | undefined)?.map(error => error.path))].sort()
}
