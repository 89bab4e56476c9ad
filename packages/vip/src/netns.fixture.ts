import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { VipEvent } from './events.ts'

/** Network namespaces on one bridge, for tests with the kernel's own network. They are the test's, and go with it. */

const FIXTURE = fileURLToPath(new URL('vip-node.process.fixture.ts', import.meta.url))
/** As on a platform for which koffi has no binary. */
const WITHOUT_KOFFI = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({ resolve: (name, context, next) => { if (name === 'koffi') throw new Error('no koffi'); return next(name, context) } })
`)}`
const ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }

/** @returns why such tests cannot run here; undefined when they can */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}, and network namespaces are Linux's`
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const [program, argument] of [
    ['ip', '-V'],
    ['nft', '-v'],
    ['arping', '-V'],
    ['tcpdump', '--version'],
    ['setpriv', '--version'],
  ] as const) {
    try {
      execFileSync(program, [argument], { env: ENV, stdio: 'ignore' })
    } catch {
      return `${program} is not installed`
    }
  }
  try {
    const probe = `hsvip-probe-${process.pid}`
    run('ip', 'netns', 'add', probe)
    run('ip', 'netns', 'delete', probe)
    return undefined
  } catch {
    return 'network namespaces cannot be made here'
  }
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

export interface NodeOptions {
  readonly address: string
  readonly driver?: 'netlink' | 'commands' | 'picked'
  readonly lifetimeMs?: number
  /** Capabilities that the process does without. */
  readonly without?: readonly string[]
  /** Whether koffi can be found. Default: true */
  readonly koffi?: boolean
}

let networks = 0

export class TestNetwork implements AsyncDisposable {
  readonly #prefix = `hsvip-${process.pid}-${++networks}`
  readonly #hosts: string[] = []
  readonly #children: ChildProcessWithoutNullStreams[] = []

  /** Hosts have 10.77.0.1, 10.77.0.2, ... and fd77::1, ... on `eth0`, and the hardware address `02:00:00:00:00:01`, ... */
  constructor(...hosts: readonly string[]) {
    const bridge = this.#name('bridge')
    this.#add('bridge')
    run('ip', '-n', bridge, 'link', 'add', 'name', 'br0', 'type', 'bridge', 'forward_delay', '0')
    run('ip', '-n', bridge, 'link', 'set', 'br0', 'up')
    for (const [index, host] of hosts.entries()) {
      this.#add(host)
      run('ip', '-n', bridge, 'link', 'add', 'name', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name(host))
      run('ip', '-n', bridge, 'link', 'set', 'dev', host, 'master', 'br0', 'up')
      this.ip(host, 'link', 'set', 'eth0', 'address', macOf(index), 'up')
      this.ip(host, 'address', 'add', `10.77.0.${index + 1}/24`, 'dev', 'eth0')
      this.ip(host, 'address', 'add', `fd77::${index + 1}/64`, 'dev', 'eth0', 'nodad')
    }
  }

  ip(host: string, ...args: readonly string[]): string {
    return run('ip', '-n', this.#name(host), ...args)
  }

  /** Runs a program on a host to its end. */
  exec(host: string, ...command: readonly string[]): string {
    return run('ip', 'netns', 'exec', this.#name(host), ...command)
  }

  /** Tries a TCP connection from a host. @returns the error's code, `connected`, or `silent` after 1.5 s */
  reach(host: string, address: string): string {
    const source = `
      const { connect } = await import('node:net')
      const socket = connect(9, '${address}')
      const end = (word) => { console.log(word); process.exit() }
      socket.setTimeout(1500, () => end('silent'))
      socket.on('error', (error) => end(error.code))
      socket.on('connect', () => end('connected'))
    `
    return this.exec(host, process.execPath, '--input-type=module', '--eval', source).trim()
  }

  /** Starts a program on a host; it ends with the network at the latest. */
  spawn(host: string, ...command: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn('ip', ['netns', 'exec', this.#name(host), ...command], { env: ENV })
    this.#children.push(child)
    return child
  }

  node(host: string, { without = [], koffi = true, ...options }: NodeOptions): VipNode {
    const setup = JSON.stringify({ interface: 'eth0', ...options })
    const prefix = without.length > 0 ? ['setpriv', '--bounding-set', without.map((name) => `-${name}`).join(',')] : []
    return new VipNode(
      this.spawn(
        host,
        ...prefix,
        process.execPath,
        ...(koffi ? [] : ['--import', WITHOUT_KOFFI]),
        '--conditions=@hotspare/source',
        FIXTURE,
        setup,
      ),
    )
  }

  /** Runs a script of Node on a host, and reads its lines. */
  script(host: string, source: string): ChildProcessWithoutNullStreams {
    return this.spawn(host, process.execPath, '--input-type=module', '--eval', source)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(ended))
    for (const host of this.#hosts) run('ip', 'netns', 'delete', this.#name(host))
  }

  #add(host: string): void {
    run('ip', 'netns', 'add', this.#name(host))
    this.#hosts.push(host)
    this.ip(host, 'link', 'set', 'lo', 'up')
  }

  #name(host: string): string {
    return `${this.#prefix}-${host}`
  }
}

export function macOf(index: number): string {
  return `02:00:00:00:00:0${index + 1}`
}

function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** A process with one virtual address. */
export class VipNode {
  readonly events: VipEvent[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }>()
  #next = 1
  #errors = ''

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    createInterface({ input: child.stdout }).on('line', (line) => this.#read(line))
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the node has ended: ${this.#errors}`))
    })
    child.stdin.on('error', () => {})
  }

  /** `ip netns exec` becomes the program: it is the node's own process. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  async call<Result = { readonly ok: boolean; readonly because?: string; readonly detail?: string }>(
    call: string,
    more: { readonly rightMs?: number; readonly options?: object } = {},
  ): Promise<Result> {
    const id = this.#next++
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.stdin.write(`${JSON.stringify({ id, call, ...more })}\n`)
    }) as Promise<Result>
  }

  #read(line: string): void {
    const { id, result, error, event } = JSON.parse(line) as { id?: number; result?: unknown; error?: string; event?: VipEvent }
    if (event) this.events.push(event)
    const waiting = id === undefined ? undefined : this.#waiting.get(id)
    if (id === undefined || !waiting) return
    this.#waiting.delete(id)
    if (error === undefined) waiting.resolve(result)
    else waiting.reject(new Error(error))
  }
}
