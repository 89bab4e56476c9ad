import { errorText, HotspareError, sleep } from '@hotspare/core'
import type { Instruction, Outcome, Resource, ResourceCallOptions, ResourceVerb, Right } from '@hotspare/core/plan'
import { lookAtBird } from './client.ts'
import { birdDefaults } from './defaults.ts'
import type { BirdSession } from './look.ts'
import { type BirdOptions, type ResolvedBirdOptions, resolveBirdOptions } from './options.ts'
import { announcedTo, announcementStanding, sessionObstacle } from './standing.ts'
import { vipInstruction } from '../resource.ts'
import type { Vip } from '../vip-types.ts'

export interface BgpResourceOptions extends BirdOptions {
  /** What the interface is called on another node. Default: the same as here */
  readonly interfaceOf?: ((node: string) => string) | undefined
  /** Whether the address has a lifetime: then people who move it by hand have to lift the gate first. Default: false */
  readonly hasLifetime?: boolean | undefined
  /** How long each verb may take, in milliseconds. Default: 10,000 each */
  readonly allowedMs?: Readonly<Record<ResourceVerb, number>> | undefined
}

/** What was last seen of BIRD. */
type Look = { readonly sessions: readonly BirdSession[] } | { readonly problem: string; readonly isCertain: boolean }

/**
 * An address that BIRD announces to routers by BGP while it is on this node. What is announced is the kernel's address itself
 * (BIRD's protocol `direct`): whatever takes that away withdraws the route, whether or not this process lives.
 *
 * @param vip on an interface that BIRD's protocol `direct` looks at; `lo` will do
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function bgpResource(vip: Vip, options: BgpResourceOptions = {}): Resource {
  const { interfaceOf = () => vip.interface, hasLifetime = false, allowedMs = ALLOWED, ...rest } = options
  const resolved = resolveBirdOptions(rest)
  const about = { address: vip.address, hasLifetime, sessions: resolved.sessions }
  return new BgpResource(vip, resolved, {
    allowedMs,
    instruction: (verb, node) => bgpInstruction(verb, { ...about, interface: interfaceOf(node) }),
  })
}

/** The verbs for people, as root on the step's node. */
export function bgpInstruction(
  verb: ResourceVerb,
  about: {
    readonly address: string
    readonly interface: string
    readonly hasLifetime: boolean
    readonly sessions?: readonly string[] | undefined
  },
): Instruction {
  const { address, interface: link, sessions } = about
  const plain = vipInstruction(verb, about)
  if (verb === 'release') return { ...plain, what: `Take ${address} off ${link}: BIRD withdraws its route.` }
  const [session] = sessions ?? []
  return {
    ...plain,
    what: `Put ${address} on ${link}: BIRD announces it to its routers.`,
    // Nobody asks for it by ARP: routers have its next hop.
    manual: plain.manual.filter((command) => !/^(?:arping|ping) /.test(command)),
    verification:
      session === undefined
        ? plain.verification
        : { command: `birdc "show route ${address} export '${session}'"`, expect: `${address.replaceAll('.', String.raw`\.`)} ` },
  }
}

const ALLOWED: Readonly<Record<ResourceVerb, number>> = Object.freeze({
  acquire: birdDefaults.allowedMs,
  release: birdDefaults.allowedMs,
})

class BgpResource implements Resource {
  readonly id: string
  readonly allowedMs: Resource['allowedMs']
  readonly instruction: Resource['instruction']
  readonly #vip: Vip
  readonly #options: ResolvedBirdOptions
  #look: Look | undefined
  /** Under which the address was last acquired. */
  #right: Right | undefined

  constructor(vip: Vip, options: ResolvedBirdOptions, words: Pick<Resource, 'allowedMs' | 'instruction'>) {
    this.#vip = vip
    this.#options = options
    this.id = `bgp ${vip.address}`
    this.allowedMs = words.allowedMs
    this.instruction = words.instruction
  }

  obstacle(): string | undefined {
    const look = this.#look
    return this.#vip.obstacle() ?? (look && obstacleOf(look, this.#options))
  }

  async observe(call: ResourceCallOptions = {}): ReturnType<Resource['observe']> {
    const [address, look] = await Promise.all([this.#vip.observe(call), this.#lookAt(call)])
    const seen = 'problem' in look ? { sessions: undefined, problem: look.problem } : { sessions: look.sessions, problem: undefined }
    const mayAct = this.#right?.isValid() ?? false
    return { since: address.since, ...announcementStanding({ address, ...seen, mayAct }, this.#options) }
  }

  async acquire(right: Right, call: ResourceCallOptions = {}): Promise<Outcome> {
    const look = await this.#lookAt(call)
    // What could not be announced from here is not put here: it would go out later, when nobody expects it any more.
    const because = 'problem' in look ? look.problem : sessionObstacle(look.sessions, this.#options)
    if (because !== undefined) return { ok: false, because, retryable: true }
    // Routers know where it is: nobody is asked for it by ARP.
    const claimed = await this.#vip.claim({ right, probed: true, signal: call.signal })
    if (!claimed.ok) return claimed
    this.#right = right
    return this.#exported(call)
  }

  release(call?: ResourceCallOptions): Promise<Outcome> {
    return this.#vip.release(call)
  }

  /** Waits until enough routers have the route. What is not exported in time stays, and is mended or moved by whoever observes. */
  async #exported(call: ResourceCallOptions): Promise<Outcome> {
    const { clock, exportWaitMs } = this.#options
    const startMs = clock.monotonicMs()
    for (;;) {
      const look = await this.#lookAt(call)
      const to = 'problem' in look ? [] : announcedTo(look.sessions, this.#options)
      const tookMs = clock.monotonicMs() - startMs
      if (to.length >= this.#options.minEstablished) {
        return { ok: true, detail: `${this.#vip.address} is announced to ${to.join(', ')} after ${tookMs.toFixed(0)} ms` }
      }
      if (tookMs >= exportWaitMs) {
        const { because } = announcementStanding(
          {
            address: this.#vip.verdict(),
            sessions: 'problem' in look ? undefined : look.sessions,
            problem: 'problem' in look ? look.problem : undefined,
            mayAct: true,
          },
          this.#options,
        )
        return { ok: false, because, retryable: true }
      }
      await sleep(birdDefaults.pollMs, { signal: call.signal, clock })
    }
  }

  /** @throws the reason of `signal` */
  async #lookAt({ signal }: ResourceCallOptions): Promise<Look> {
    const { sessions: named } = this.#options
    try {
      const counts = (name: string) => named === undefined || named.includes(name)
      const sessions = await lookAtBird(this.#options, { prefix: this.#vip.address, counts }, { signal })
      this.#look = { sessions }
    } catch (error) {
      if (signal?.aborted) throw error
      // One that is only slow is asked again; one that is not there announces nothing.
      this.#look = { problem: errorText(error), isCertain: HotspareError.is(error) && error.code === 'HOTSPARE_VIP_BIRD' }
    }
    return this.#look
  }
}

function obstacleOf(look: Look, options: ResolvedBirdOptions): string | undefined {
  if ('problem' in look) return look.isCertain ? look.problem : undefined
  return sessionObstacle(look.sessions, options)
}
