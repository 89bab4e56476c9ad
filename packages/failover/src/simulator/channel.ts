import { abortReason, errorText, timeoutError } from '@hotspare/core'
import { type SimulatedMachine, type Simulation, VirtualNetwork } from '@hotspare/core/testing'

/** A request that has come in. */
export interface ChannelRequest {
  readonly peer: string
  readonly method: string
  readonly body: unknown
  readonly signal: AbortSignal
}

/** What every word of a process tells of it. */
interface Said {
  /** Of its configuration. */
  readonly fingerprint: string
}

type ChannelPacket =
  | (Said & { readonly type: 'request'; readonly id: string; readonly method: string; readonly json: string })
  | (Said & { readonly type: 'answer'; readonly id: string; readonly json: string })
  | (Said & { readonly type: 'failure'; readonly id: string; readonly because: string })
  /** What a machine sends for a process that has ended. */
  | { readonly type: 'reset'; readonly session: string }

export interface VirtualChannelOptions {
  readonly network: ChannelNetwork
  readonly machine: SimulatedMachine
  /** Names the process. */
  readonly session: string
  readonly answer: (request: ChannelRequest) => Promise<unknown>
  /** Of this node's configuration, at the moment. */
  readonly fingerprint: () => string
  /** A peer was heard. */
  readonly heard: (peer: string, fingerprint: string) => void
  /** A connection was reset: the peer's process has ended. */
  readonly reset: (peer: string, session: string) => void
}

export type ChannelNetwork = VirtualNetwork<ChannelPacket>

export function channelNetwork(simulation: Simulation): ChannelNetwork {
  return new VirtualNetwork(simulation)
}

/** The machine tells its peers that a process of it has ended, as TCP does. */
export function sendResets(network: ChannelNetwork, from: string, peers: readonly string[], session: string): void {
  for (const peer of peers) network.send(from, peer, { type: 'reset', session })
}

/** Requests and answers between the processes; one that is lost rejects at its timeout. */
export class VirtualChannel {
  readonly #options: VirtualChannelOptions
  readonly #waiting = new Map<string, (packet: ChannelPacket) => void>()
  readonly #end = new AbortController()
  #requests = 0

  constructor(options: VirtualChannelOptions) {
    this.#options = options
    options.network.attach(options.machine, (packet, from) => this.#receive(packet, from))
  }

  close(): void {
    this.#end.abort()
  }

  request(
    to: string,
    method: string,
    body: unknown,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<unknown> {
    const { network, machine, session, fingerprint } = this.#options
    const id = `${session} ${++this.#requests}`
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal))
      const end = () => {
        this.#waiting.delete(id)
        timer.cancel()
        signal?.removeEventListener('abort', aborted)
      }
      const aborted = () => (end(), reject(abortReason(signal)))
      const timer = machine.clock.schedule(timeoutMs, () => (end(), reject(timeoutError(`${to}: ${method}`, timeoutMs))))
      signal?.addEventListener('abort', aborted, { once: true })
      this.#waiting.set(id, (packet) => {
        end()
        if (packet.type === 'answer') resolve(JSON.parse(packet.json))
        else reject(new Error(packet.type === 'failure' ? packet.because : 'the connection was reset'))
      })
      network.send(machine.name, to, { type: 'request', id, fingerprint: fingerprint(), method, json: JSON.stringify(body) })
    })
  }

  #receive(packet: ChannelPacket, from: string): void {
    if (this.#end.signal.aborted) return
    if (packet.type === 'reset') return this.#options.reset(from, packet.session)
    this.#options.heard(from, packet.fingerprint)
    if (packet.type === 'request') void this.#answer(packet, from)
    else this.#waiting.get(packet.id)?.(packet)
  }

  async #answer({ id, method, json }: ChannelPacket & { readonly type: 'request' }, from: string): Promise<void> {
    const { network, machine, fingerprint, answer } = this.#options
    try {
      const answered = await answer({ peer: from, method, body: JSON.parse(json), signal: this.#end.signal })
      network.send(machine.name, from, { type: 'answer', id, fingerprint: fingerprint(), json: JSON.stringify(answered) })
    } catch (error) {
      network.send(machine.name, from, { type: 'failure', id, fingerprint: fingerprint(), because: errorText(error) })
    }
  }
}
