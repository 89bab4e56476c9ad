// One long step of the set-up: a line that moves on a terminal, plain lines elsewhere, the output on failure.
import { spawn } from 'node:child_process'
import { withoutHosts } from './npm.mjs'
import { explain, Interrupted, SetupError } from './setup-error.mjs'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
/** How often a log without a terminal hears that something still runs. */
const STILL_RUNNING_MS = 15_000
const GRACE_MS = 1_000
const OUTPUT_LIMIT = 20_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * @param {string} title as in "fetching pnpm"
 * @param {[string, ...string[]]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>} resolves when the command exits with 0; rejects with a SetupError or Interrupted
 */
export function runStep(title, [program, ...programArguments], options) {
  const startedMs = performance.now()
  const seconds = () => Math.round((performance.now() - startedMs) / 1000)
  let output = ''
  const stopTicker = showProgress(title, seconds, () => output)

  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let interruption
    const forward = (signal) => {
      interruption = signal
      child.kill(signal)
      // npm likes to finish its downloads first.
      setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref()
    }
    for (const signal of SIGNALS) process.on(signal, forward)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-OUTPUT_LIMIT)
      })
    }
    const finish = (error) => {
      for (const signal of SIGNALS) process.off(signal, forward)
      stopTicker()
      if (interruption) reject(new Interrupted(interruption))
      else if (error) reject(error)
      else {
        process.stderr.write(`hotspare: ${title}: done in ${seconds()} s\n`)
        resolve()
      }
    }
    child.on('error', (error) => finish(new SetupError(`${title} failed: cannot run ${program}: ${error.message}`, 'Is npm installed?')))
    child.on('close', (code, signal) =>
      finish(code === 0 ? undefined : failure(title, signal ? `it was ended by ${signal}` : `exit code ${code}`, output)),
    )
  })
}

function failure(title, ending, output) {
  const known = explain(output)
  return new SetupError(`${title} failed: ${known ? known.cause : ending}`, known?.hint, withoutHosts(known?.evidence ?? output).trim())
}

/** @returns a function that ends it */
function showProgress(title, seconds, output) {
  const terminal = process.stderr.isTTY
  if (!terminal) process.stderr.write(`hotspare: ${title} ...\n`)
  let frame = 0
  const draw = () => {
    const lastLine = output()
      .trimEnd()
      .split(/[\r\n]/)
      .pop()
    const text = `${FRAMES[frame++ % FRAMES.length]} ${title} (${seconds()} s) ${lastLine}`
    process.stderr.write(`\r\u001B[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`)
  }
  const remind = () => process.stderr.write(`hotspare: still ${title} (${seconds()} s)\n`)
  const ticker = terminal ? setInterval(draw, FRAME_MS) : setInterval(remind, STILL_RUNNING_MS)
  return () => {
    clearInterval(ticker)
    if (terminal) process.stderr.write('\r\u001B[2K')
  }
}
