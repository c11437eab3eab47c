/**
 * The bot: reads what a pull request changes, and writes a review of it. Give it a reviewer, any command that reads a diff and
 * writes text (`claude -p "Review this diff"`), as REVIEWER; without one it looks for what nobody wants to have merged.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findings, summary } from './diff.ts'

const { PR_URL, NUMBER, TITLE, AUTHOR, REPO_URL, REVIEWER, GITHUB_TOKEN, BOTYARD_ARTIFACTS, BOTYARD_OUTPUT } =
  process.env

console.log(`#${NUMBER} ${TITLE}, by ${AUTHOR}, in ${REPO_URL}`)
const answer = await fetch(`${PR_URL}.diff`, {
  headers: GITHUB_TOKEN ? { authorization: `Bearer ${GITHUB_TOKEN}` } : {},
  signal: AbortSignal.timeout(60_000)
})
if (!answer.ok) throw new Error(`${PR_URL}.diff: ${answer.status}`)
const diff = await answer.text()
const { files, added, removed } = summary(diff)
console.log(`${files.length} files, ${added} lines added, ${removed} removed.`)

const review = REVIEWER ? reviewed(REVIEWER) : listed()
console.log(review)
writeFileSync(join(BOTYARD_ARTIFACTS!, 'change.diff'), diff)
writeFileSync(join(BOTYARD_ARTIFACTS!, 'review.md'), `# #${NUMBER} ${TITLE}\n\n${review}\n`)
appendFileSync(
  BOTYARD_OUTPUT!,
  `files=${files.length}\nadded=${added}\nremoved=${removed}\nfindings=${findings(diff).length}\n`
)

function reviewed(command: string): string {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', command], { input: diff, stdio: ['pipe', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`The reviewer ended with ${status}.`)
  return stdout.toString().trim()
}

function listed(): string {
  const found = findings(diff)
  if (found.length === 0) return 'Nothing that should not be merged.'
  // As GitHub Actions has it: the log viewer shows these as warnings.
  for (const { file, line, what } of found) console.log(`::warning file=${file},line=${line}::${what}`)
  return found.map(({ file, line, what }) => `- ${file}:${line}: ${what}`).join('\n')
}
