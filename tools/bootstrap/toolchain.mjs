// The toolchain lives in .toolchain/ under the checkout: a Node that is new enough (only where the machine's
// own is not), the pinned pnpm, and pnpm's store. Nothing is written outside the checkout.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'
import { cleanEnvironment, nodeBinary, nodePackageName, npmCommand, quietInstall } from './npm.mjs'
import { runStep } from './step.mjs'
import { SetupError } from './setup-error.mjs'

/** The floor comes from undici 8, which the packages depend on. */
const MINIMUM_NODE = [22, 19]

/**
 * @param {string} root the top of the checkout
 * @returns {Promise<{ node: string, path: string }>} the Node to use, and a PATH on which every tool is found
 */
export async function prepareToolchain(root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')) {
  const home = join(root, '.toolchain')
  const tools = pinnedTools(root, home)
  const dependencies = lockedDependencies(root, home, tools)
  if (!tools.ready() || !dependencies.ready()) {
    createFolder(home)
    await withLock(join(home, 'setup.lock'), async () => {
      if (!tools.ready()) await tools.install()
      if (!dependencies.ready()) await dependencies.install()
    })
  }
  // First the pinned tools: the machine may have a pnpm of its own beside its Node.
  return { node: tools.node, path: [join(home, 'node_modules', '.bin'), dirname(tools.node), process.env.PATH].join(delimiter) }
}

/** pnpm, and Node where the machine's own is too old: ready when each tells the version that is pinned. */
function pinnedTools(root, home) {
  const pnpmVersion = /^pnpm@([^+]+)/.exec(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager)?.[1]
  const nodeVersion = readFileSync(join(root, '.node-version'), 'utf8').trim()
  const ownNode = isNewEnough(process.versions.node)
  const binaries = (modules) => ({
    node: ownNode ? process.execPath : nodeBinary(join(modules, nodePackageName())),
    pnpm: join(modules, 'pnpm', process.platform === 'win32' ? 'pnpm.exe' : 'pnpm'),
  })
  const complaint = (modules) => {
    const { node, pnpm } = binaries(modules)
    if (!ownNode && !answers(node, `v${nodeVersion}`)) return `Node ${nodeVersion}`
    return answers(pnpm, pnpmVersion) ? undefined : `pnpm ${pnpmVersion}`
  }
  const modules = join(home, 'node_modules')
  return {
    ...binaries(modules),
    ready: () => complaint(modules) === undefined,
    async install() {
      const wanted = [`pnpm@${pnpmVersion}`, ...(ownNode ? [] : [`${nodePackageName()}@${nodeVersion}`])]
      // Made beside its place and moved there when it works: whatever interrupts this leaves nothing half-made.
      for (const name of readdirSync(home)) if (name.startsWith('incoming-')) tidyUp(join(home, name))
      const incoming = join(home, `incoming-${process.pid}-${Date.now()}`)
      createFolder(incoming)
      await runStep(
        `fetching ${wanted.join(' and ')} into .toolchain`,
        [...npmCommand(), ...quietInstall(join(home, 'npm-cache')), '--prefix', incoming, '--no-save', '--no-package-lock', ...wanted],
        { cwd: incoming, env: cleanEnvironment() },
      )
      // pnpm's own install script puts the native binary in place of a stub; run by name, no other script can run.
      const pnpmFolder = join(incoming, 'node_modules', 'pnpm')
      await runStep('setting up pnpm', [process.execPath, 'install.js'], { cwd: pnpmFolder, env: cleanEnvironment() })
      const broken = complaint(join(incoming, 'node_modules'))
      if (broken) {
        throw new SetupError(
          `${broken} from npm does not run on ${process.platform}-${process.arch}`,
          `Install Node >= ${MINIMUM_NODE.join('.')} by other means, then run the command again.`,
        )
      }
      rmSync(modules, { recursive: true, force: true })
      renameSync(join(incoming, 'node_modules'), modules)
      tidyUp(incoming)
    },
  }
}

/** What the lockfile says, in node_modules. The stamp is written last, so an interrupted installation is repeated. */
function lockedDependencies(root, home, tools) {
  const stamp = join(home, 'dependencies.stamp')
  const made = ['.modules.yaml', '.pnpm/lock.yaml', '.bin/vitest', '.bin/turbo'].map((file) => join(root, 'node_modules', file))
  const whole = () =>
    made.every((file) => existsSync(file)) && foldersWithDependencies(root).every((folder) => existsSync(join(folder, 'node_modules')))
  const key = () => {
    const hash = createHash('sha256').update(`${process.platform}-${process.arch}`)
    for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) hash.update(readFileSync(join(root, file)))
    return hash.digest('hex')
  }
  return {
    ready: () => existsSync(stamp) && readFileSync(stamp, 'utf8') === key() && whole(),
    async install() {
      rmSync(stamp, { force: true })
      const temporary = join(home, 'tmp')
      createFolder(temporary)
      // An intact node_modules is completed in a moment; a damaged one would be taken for complete, so it goes.
      if (!made.every((file) => existsSync(file))) rmSync(join(root, 'node_modules'), { recursive: true, force: true })
      await runStep(
        'installing the dependencies of the lockfile',
        [tools.pnpm, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'],
        {
          cwd: root,
          env: {
            ...cleanEnvironment(),
            CI: 'true',
            XDG_STATE_HOME: join(home, 'state'),
            TMPDIR: temporary,
            PATH: [dirname(tools.node), process.env.PATH].join(delimiter),
          },
        },
      )
      writeFileSync(stamp, key())
    },
  }
}

/** The folders of the workspace in which the package manager makes a node_modules. */
function foldersWithDependencies(root) {
  const folders = ['packages', 'apps', 'tools'].flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  return folders.filter((folder) => {
    const manifest = join(folder, 'package.json')
    return existsSync(manifest) && /"(dev|optional)?dependencies": \{\s*"/i.test(readFileSync(manifest, 'utf8'))
  })
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])
}

/** Whether a binary is there, whole, and of this version: only running it tells. */
function answers(binary, version) {
  if (!existsSync(binary)) return false
  // From a folder without a package.json, so that pnpm has nothing to compare itself with.
  const { stdout } = spawnSync(binary, ['--version'], { cwd: dirname(binary), encoding: 'utf8', timeout: 10_000 })
  return stdout?.trim() === version
}

/** An npm that outlived its bootstrap may still write there; what it leaves is removed another time. */
function tidyUp(folder) {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // Another time.
  }
}

function createFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new SetupError(`cannot write to ${folder}: ${error.message}`, 'Everything is kept under the checkout: it must be writable.')
  }
}
