// The toolchain lives in .toolchain/ under the checkout: a Node that is new enough (only where the machine's
// own is not), the pinned pnpm, and pnpm's store. Nothing is written outside the checkout.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runStep } from './step.mjs'

export class SetupError extends Error {}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const home = join(root, '.toolchain')
const bin = join(home, 'node_modules', '.bin')
const windows = process.platform === 'win32'

/** The floor comes from undici 8, which the packages depend on. */
const MINIMUM_NODE = [22, 19]

/** @returns {Promise<{ root: string, node: string, bin: string }>} paths; every tool is ready when it resolves */
export async function prepareToolchain() {
  const pnpmVersion = /^pnpm@(.+)$/.exec(readJson('package.json').packageManager)?.[1]
  const nodeVersion = readFileSync(join(root, '.node-version'), 'utf8').trim()
  const ownNode = isNewEnough(process.versions.node)
  // The npm package `node` only runs an install script that fetches one of these; taken directly, no script runs.
  const platform = windows ? 'win' : process.platform
  const nodePackage = `node-${platform}-${process.arch}`
  const wanted = [`pnpm@${pnpmVersion}`, ...(ownNode ? [] : [`${nodePackage}@${nodeVersion}`])]

  mkdirSync(home, { recursive: true })
  await oncePer({ name: 'tools', key: wanted.join(' '), makes: join(home, 'node_modules') }, async () => {
    await runStep(`fetching ${wanted.join(' and ')} into .toolchain`, windows ? 'npm.cmd' : 'npm', [
      'install',
      ...['--prefix', home, '--cache', join(home, 'npm-cache')],
      ...['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      ...wanted,
    ])
    // pnpm's own install script puts the native binary in place of a stub; run by name, no other script can run.
    await runStep('setting up pnpm', process.execPath, ['install.js'], { cwd: join(home, 'node_modules', 'pnpm') })
  })
  const node = ownNode ? process.execPath : join(home, 'node_modules', nodePackage, 'bin', windows ? 'node.exe' : 'node')
  if (!existsSync(node))
    throw new SetupError(`no Node binary for ${platform}-${process.arch} on npm: install Node >= ${MINIMUM_NODE.join('.')} by hand`)

  const key = fingerprint(['pnpm-lock.yaml', 'pnpm-workspace.yaml'])
  await oncePer({ name: 'dependencies', key, makes: join(root, 'node_modules') }, () =>
    runStep(
      'installing the dependencies of the lockfile',
      join(bin, windows ? 'pnpm.cmd' : 'pnpm'),
      ['install', '--frozen-lockfile', '--reporter=append-only'],
      {
        cwd: root,
        env: { ...process.env, CI: 'true', PATH: `${dirname(node)}${windows ? ';' : ':'}${process.env.PATH}` },
      },
    ),
  )
  return { root, node, bin }
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])
}

/** Runs `action` unless its last success had the same key. The stamp is written last, so an interrupted run repeats. */
async function oncePer({ name, key, makes }, action) {
  const stamp = join(home, `${name}.stamp`)
  if (existsSync(makes) && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return
  rmSync(stamp, { force: true })
  await action().catch((error) => {
    throw new SetupError(error.message)
  })
  writeFileSync(stamp, key)
}

function fingerprint(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}
