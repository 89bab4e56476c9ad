#!/usr/bin/env node
// `npm start`, `npm test` and `npm run bench` begin here, on any machine with git, Node >= 18 and npm.
// It makes sure of a new enough Node, of the pinned pnpm and of the dependencies in the lockfile, then
// hands over to the task. Plain Node without dependencies, because nothing is installed yet.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Interrupted, SetupError } from './setup-error.mjs'
import { prepareToolchain } from './toolchain.mjs'

const TASKS = {
  start: ['apps/hotspare/src/cli.ts', 'demo'],
  test: ['tools/gates/src/cli.ts'],
  hotspare: ['apps/hotspare/src/cli.ts'],
  bench: ['tools/bench/src/cli.ts'],
  lab: ['tools/lab/src/cli.ts'],
  docs: ['docs/serve.ts'],
  simulate: ['apps/hotspare/src/simulation/cli.ts'],
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const [task, ...taskArguments] = process.argv.slice(2)
const entry = TASKS[task]
if (!entry) {
  console.error(`usage: run.mjs ${Object.keys(TASKS).join('|')} [arguments]`)
  process.exit(2)
}
const oldest = 18
if (Number.parseInt(process.versions.node, 10) < oldest) {
  console.error(`hotspare: this is Node ${process.versions.node}; Node ${oldest} or newer is needed to set up the rest`)
  process.exit(1)
}

watchParent()
const toolchain = await prepareToolchain(root).catch((error) => {
  if (error instanceof Interrupted) process.exit(exitCode(error.signal))
  if (!(error instanceof SetupError)) throw error
  console.error(`hotspare: ${error.message}`)
  if (error.hint) console.error(`  ${error.hint}`)
  if (error.output) console.error(`  The command printed:\n${error.output.replaceAll(/^/gm, '  | ')}`)
  process.exit(1)
})

const [script, ...fixedArguments] = entry
const child = spawn(toolchain.node, ['--conditions=@hotspare/source', join(root, script), ...fixedArguments, ...taskArguments], {
  stdio: 'inherit',
  // npm runs scripts in the checkout; files on the command line are meant from where the person stands.
  cwd: task === 'hotspare' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd(),
  env: { ...process.env, PATH: toolchain.path, TURBO_TELEMETRY_DISABLED: '1' },
})
// A terminal sends Ctrl-C to both processes; the task decides when it has finished cleaning up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
}
child.on('error', (error) => {
  console.error(`hotspare: cannot run ${toolchain.node}: ${error.message}`)
  process.exitCode = 1
})
child.on('exit', (code, signal) => {
  process.exitCode = signal ? exitCode(signal) : (code ?? 1)
})

/** npm passes SIGTERM to the shell between us, which dies of it and tells nobody: losing that parent is the signal. */
function watchParent() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  watch.unref()
}

/** As a shell counts: 130 for Ctrl-C. */
function exitCode(signal) {
  return 128 + constants.signals[signal]
}
