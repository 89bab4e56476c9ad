import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { moduleFile, nodeOptions, patient, twoNodes } from './processes.fixture.ts'

const source = (file: string) => new URL(file, import.meta.url).href

function program(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** A module that starts a heartbeat process, and says how often it is run itself. */
async function startingModule(): Promise<string> {
  const [settings] = await twoNodes()
  return [
    'console.error("run")',
    // Without this, a fault would start processes without end.
    'if (process.env.HOTSPARE_TEST_DEPTH === "2") process.exit(9)',
    'process.env.HOTSPARE_TEST_DEPTH = String(Number(process.env.HOTSPARE_TEST_DEPTH ?? 0) + 1)',
    `const { createHeartbeatProcess } = await import(${JSON.stringify(source('../process.ts'))})`,
    `const heartbeat = createHeartbeatProcess(${JSON.stringify(settings)})`,
    'await heartbeat.start().then(() => console.log("started"), (error) => console.log(error.code))',
    'await heartbeat.stop()',
  ].join(';')
}

async function outputOf(child: ChildProcess): Promise<{ readonly told: string; readonly runs: number; readonly errors: string }> {
  const { stdout, stderr } = child
  const [told, errors] = await Promise.all([stdout ? text(stdout) : '', stderr ? text(stderr) : ''])
  return { told, errors, runs: errors.match(/^run$/gm)?.length ?? 0 }
}

describe('the process of a heartbeat and the program that started it', () => {
  // A preloaded module kept its loop open: it stayed for ever, and took no signal but SIGKILL.
  it('ends when the program is killed, even when a preloaded module keeps it open', { timeout: 60_000 }, async () => {
    const { url } = await moduleFile('setInterval(() => {}, 1_000)')
    nodeOptions(`--import=${url}`)
    const [settings] = await twoNodes()
    const parent = program(fileURLToPath(source('parent.process.fixture.ts')), JSON.stringify(settings))
    let output = ''
    parent.stdout?.on('data', (bytes) => (output += String(bytes)))
    await vi.waitFor(() => expect(output).toMatch(/^\d+\n$/), patient)
    const pid = Number(output)
    let ended = false
    onTestFinished(() => void (ended || process.kill(pid, 'SIGKILL')))
    parent.kill('SIGKILL')
    // It holds the program's standard error, which is closed by its end.
    await once(parent, 'close')
    ended = true
  })

  // The options of the program were its own too: each process started the next one.
  it.each([
    ['--eval', (code: string) => ['--input-type=module', `--eval=${code}`]],
    ['--import', (code: string, empty: string) => [`--import=data:text/javascript,${encodeURIComponent(code)}`, empty]],
  ])('does not run what the program was given with %s', { timeout: 60_000 }, async (_, args) => {
    nodeOptions()
    const starting = await moduleFile(await startingModule())
    const empty = await moduleFile('')
    const { told, runs } = await outputOf(program(...args(`await import(${JSON.stringify(starting.url)})`, empty.path)))
    expect(told).toBe('started\n')
    expect(runs).toBe(1)
  })

  it('refuses to start another one, when NODE_OPTIONS preloads what starts it', { timeout: 60_000 }, async () => {
    const { url } = await moduleFile(await startingModule())
    nodeOptions(`--import=${url}`)
    const { path } = await moduleFile('')
    const { told, runs, errors } = await outputOf(program(path))
    expect(told).toBe('HOTSPARE_HEARTBEAT_PROCESS\n')
    expect(errors).toContain('this is the process of a heartbeat, and starts no other')
    expect(runs).toBe(2)
  })

  it('waits for no debugger of the program', { timeout: 60_000 }, async () => {
    nodeOptions('--inspect-port=127.0.0.1:0')
    const { path } = await moduleFile(`process.execArgv.push('--inspect-brk=127.0.0.1:0');${await startingModule()}`)
    const { told, errors } = await outputOf(program(path))
    expect(told).toBe('started\n')
    expect(errors).not.toContain('Debugger')
  })

  // It took the signals of every forked program that imported it.
  it('is inert where it is merely imported', { timeout: 60_000 }, async () => {
    nodeOptions()
    const counts = `['SIGTERM', 'SIGINT', 'SIGHUP', 'message', 'disconnect'].map((event) => process.listenerCount(event))`
    const { path } = await moduleFile(`await import(${JSON.stringify(source('../process-child.ts'))}); process.send(${counts})`)
    const child = fork(path)
    onTestFinished(() => void child.kill('SIGKILL'))
    const [listeners] = await once(child, 'message')
    expect(listeners).toEqual([0, 0, 0, 0, 0])
  })
})
