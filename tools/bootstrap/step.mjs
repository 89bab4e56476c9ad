// One long step of the set-up: a line that moves on a terminal, plain lines elsewhere, the whole output on failure.
import { spawn } from 'node:child_process'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** @returns {Promise<void>} resolves when the command exits with 0; rejects with its output otherwise */
export function runStep(title, command, commandArguments, options = {}) {
  const startedAt = process.hrtime.bigint()
  const seconds = () => Number((process.hrtime.bigint() - startedAt) / 1_000_000_000n)
  const terminal = process.stderr.isTTY === true
  let frame = 0
  let lastLine = ''
  const draw = () => {
    const width = (process.stderr.columns ?? 80) - 1
    const text = `${FRAMES[frame++ % FRAMES.length]} ${title} (${seconds()} s) ${lastLine}`
    process.stderr.write(`\r\u001b[2K${text.slice(0, width)}`)
  }
  if (!terminal) process.stderr.write(`hotspare: ${title} ...\n`)
  const ticker = setInterval(
    () => {
      if (terminal) draw()
      else if (seconds() > 0 && seconds() % 15 === 0) process.stderr.write(`hotspare: still ${title} (${seconds()} s)\n`)
    },
    terminal ? 100 : 1000,
  )

  return new Promise((resolve, reject) => {
    const output = []
    const finish = (error) => {
      clearInterval(ticker)
      if (terminal) process.stderr.write('\r\u001b[2K')
      if (error) reject(error)
      else {
        process.stderr.write(`hotspare: ${title}: done in ${seconds()} s\n`)
        resolve()
      }
    }
    // npm and pnpm are .cmd files on Windows, which Node only runs through a shell.
    const child = spawn(command, commandArguments, { ...options, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => {
        output.push(text)
        lastLine = text.trim().split('\n').at(-1) ?? lastLine
      })
    }
    child.on('error', (error) => finish(new Error(`${title}: cannot run ${command}: ${error.message}`)))
    child.on('close', (code) => {
      if (code === 0) finish()
      else finish(new Error(`${title}: ${command} exited with ${code}. Its output:\n${output.join('').trim()}`))
    })
  })
}
