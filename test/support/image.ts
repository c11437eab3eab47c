/**
 * Builds an image's file tree in a plain folder, as no engine runs where tests do: every COPY and RUN of the Dockerfile in its order,
 * each stage in a folder of its own. Two steps are not run: what Debian's packages and users need root and the network for, and the
 * first `npm ci`, whose result was made by the same command here, and is linked.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Test } from 'tap'

export const ROOT = join(import.meta.dirname, '../..')

/** One line of a Dockerfile, with those that continue it. */
export interface Instruction {
  name: string
  text: string
}

/** What `docker run` would find. */
export interface Image {
  /** What is `/` in the container. */
  root: string
  env: Record<string, string>
  workdir: string
  /** ENTRYPOINT, CMD and the command of HEALTHCHECK. */
  entrypoint: string[]
  command: string[]
  healthcheck: string[]
}

/** Folders of the image that anything in it names. */
const NAMED = /(?<![\w./-])\/(app|data|var\/cache\/botyard)(?=[/\s"':]|$)/g

export function readDockerfile(): Instruction[] {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter(line => !line.startsWith('#'))
  const whole = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return whole
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, name, text] = /^(\S+)\s+(.*)$/.exec(line)!
      return { name: name!, text: text! }
    })
}

/** What of the repository an engine is sent: the names of files and folders, as `.dockerignore` has it. */
export function contextOf(ignore: string): string[] {
  const rules = ignore.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  if (rules[0] !== '*' || rules.slice(1).some(rule => !/^![\w.-]+$/.test(rule)))
    throw new Error('.dockerignore is not a list of what may be copied')
  return rules.slice(1).map(rule => rule.slice(1))
}

/** Where paths of the image lie on this machine. */
export const inside = (root: string, text: string): string => text.replaceAll(NAMED, match => join(root, match))

/** A folder outside of the repository that anybody may come to: what is in there would find the packages installed here. */
export function elsewhere(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'botyard-image-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  return folder
}

/** @throws when a step fails, or copies what is not there. */
export function buildImage(t: Test): Image {
  const folder = elsewhere(t)
  const context = contextOf(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))
  const stages = new Map<string, Image>()
  let image: Image = emptyImage(join(folder, '0'))
  for (const { name, text } of readDockerfile()) {
    switch (name) {
      case 'FROM': {
        const [, base, stage] = /^(\S+)(?: AS (\S+))?$/.exec(text)!
        image = emptyImage(join(folder, String(stages.size)))
        if (stages.has(base!)) throw new Error('a stage that begins with another is not built here')

        for (const path of ['app', 'data', 'var/cache/botyard']) mkdirSync(join(image.root, path), { recursive: true })
        stages.set(stage ?? 'last', image)
        break
      }
      case 'WORKDIR':
        image.workdir = join(image.root, text)
        break
      case 'ENV':
        for (const [, key, value] of text.matchAll(/(\w+)=(\S+)/g)) image.env[key!] = inside(image.root, value!)
        break
      case 'COPY':
        copy(text, context, stages, image)
        break
      case 'RUN':
        runStep(text, image)
        break
      case 'ENTRYPOINT':
        image.entrypoint = JSON.parse(text)
        break
      case 'CMD':
        image.command = JSON.parse(text)
        break
      case 'HEALTHCHECK':
        image.healthcheck = JSON.parse(text.slice(text.indexOf('CMD ') + 4))
    }
  }
  return image
}

function emptyImage(root: string): Image {
  return { root, env: {}, workdir: root, entrypoint: [], command: [], healthcheck: [] }
}

function copy(text: string, context: string[], stages: Map<string, Image>, image: Image): void {
  const words = text.split(' ')
  const from = words[0]!.startsWith('--from=') ? stages.get(words.shift()!.slice('--from='.length))?.root : undefined
  const target = join(image.workdir, words.pop()!)
  for (const source of words) {
    // Nothing else of that stage is looked at any more.
    if (from) renameSync(join(from, source), target)
    else {
      if (!context.includes(source.split('/')[0]!)) throw new Error(`.dockerignore keeps ${source} out`)
      const path = join(ROOT, source)
      // Docker copies what is in a folder, and a file into one.
      if (statSync(path).isDirectory()) cpSync(path, target, { recursive: true })
      else {
        mkdirSync(target, { recursive: true })
        copyFileSync(path, join(target, basename(source)))
      }
    }
  }
}

function runStep(text: string, { root, env, workdir }: Image): void {
  if (text.startsWith('apt-get ')) return
  if (text === 'npm ci --ignore-scripts') {
    const [packages, copy] = [join(ROOT, 'node_modules'), join(workdir, 'node_modules')]
    mkdirSync(copy)
    // What is kept beside the packages changes while other tests run.
    const entries = readdirSync(packages).filter(name => !name.startsWith('.') || name === '.bin')
    const paths = entries.map(name => join(packages, name))
    // A copy that takes no room, where it lies on the same disk.
    const linked = spawnSync('cp', ['-a', '--link', ...paths, copy])
    if (linked.status !== 0) execFileSync('cp', ['-a', ...paths, copy])
    copyFileSync(join(packages, '.package-lock.json'), join(copy, '.package-lock.json'))
    return
  }
  execFileSync('/bin/sh', ['-c', inside(root, text)], {
    cwd: workdir,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_offline: 'true', ...env },
    stdio: ['ignore', 'ignore', 'inherit']
  })
}
