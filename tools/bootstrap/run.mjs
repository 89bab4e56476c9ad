#!/usr/bin/env node
// `npm start`, `npm test` and `npm run bench` begin here, on any machine with git, Node >= 18 and npm.
// It makes sure of a new enough Node, of the pinned pnpm and of the dependencies in the lockfile, then
// hands over to the task. Plain Node without dependencies, because nothing is installed yet.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { prepareToolchain, SetupError } from './toolchain.mjs'

const TASKS = {
  start: ['apps/hotspare/src/cli.ts', 'demo'],
  test: ['tools/gates/src/cli.ts'],
  bench: ['tools/bench/src/cli.ts'],
}

const [task, ...taskArguments] = process.argv.slice(2)
const entry = TASKS[task]
if (!entry) {
  console.error(`usage: run.mjs ${Object.keys(TASKS).join('|')} [arguments]`)
  process.exit(2)
}

const toolchain = await prepareToolchain().catch((error) => {
  if (!(error instanceof SetupError)) throw error
  console.error(`hotspare: ${error.message}`)
  process.exit(1)
})

const [script, ...fixedArguments] = entry
const child = spawn(toolchain.node, ['--conditions=@hotspare/source', join(toolchain.root, script), ...fixedArguments, ...taskArguments], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: [dirname(toolchain.node), toolchain.bin, process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
  },
})
// A terminal sends Ctrl-C to both processes; the task decides when it has finished cleaning up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
}
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1)
})
