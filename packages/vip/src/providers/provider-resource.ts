import {
  type Clock,
  errorText,
  formatDuration,
  optionsError,
  type Random,
  sleep,
  systemClock,
  systemRandom,
  withDeadline,
} from '@hotspare/core'
import type { CloudError } from '@hotspare/cloud'
import type { Outcome, Resource, Right } from '@hotspare/core/plan'
import { beginMove, decideMove, decideRelease, type MoveMemory, type MoveStep } from './decide-move.ts'
import { providerDefaults } from './defaults.ts'
import { judgeHolding } from './judge-holding.ts'
import { ProviderCalls } from './provider-calls.ts'
import { ProviderLooks } from './provider-looks.ts'
import type { AddressProvider, Holding } from './provider.ts'

export interface ProviderResourceOptions {
  /** This node's name. */
  readonly node: string
  /** Of every member: what the address is given to there, as the provider calls it. Each once. */
  readonly targets: Readonly<Record<string, string>>
  /** Default: the system's; that of the right */
  readonly clock?: Clock | undefined
  /** For the pauses between calls that fail. Default: the system's */
  readonly random?: Random | undefined
}

export interface ProviderResource extends Resource {
  /** Ends what is under way and lets go of connections; the address stays where it is. Idempotent. */
  close(): Promise<void>
}

/**
 * An address that a provider moves, as something that follows the active member. It looks before each change and after the last,
 * acts only while the right is valid, refuses what belongs to no member, and lets go only of what is its own.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS` where `targets` has none for `node`, or one twice
 */
export function providerResource(provider: AddressProvider, options: ProviderResourceOptions): ProviderResource {
  const { node, targets, clock = systemClock, random = systemRandom } = options
  const own = targetOf(targets, node, provider.id)
  const members = new Map(Object.entries(targets).map(([name, target]) => [target, name]))
  if (members.size < Object.keys(targets).length) throw wrong(provider.id, 'two nodes have the same target')
  const calls = new ProviderCalls(provider, { clock, random })
  const looks = new ProviderLooks({ provider, calls, own, members, clock })
  const { allowedMs, pollMs } = provider.terms

  /** @throws the reason of `signal` */
  async function look(progress: Progress, signal: AbortSignal): Promise<Holding | undefined> {
    const looked = await calls.make((each) => provider.look([...members.keys()], each), signal)
    if (looked.ok) looks.saw(looked.value)
    else progress.last = looked.error
    return looked.ok ? looked.value : undefined
  }

  /** One call that changes something, and what it sets going. @throws the reason of `signal` */
  async function act(step: MoveStep & { readonly type: 'mark' | 'assign' | 'unassign' }, progress: Progress, signal: AbortSignal) {
    looks.doubt()
    const { token } = progress
    const begun = await calls.make(async (each) => {
      if (step.type === 'mark') return provider.writeToken?.(token, each).then(() => undefined)
      if (step.type === 'assign') return provider.assign({ place: step.place, target: own, token, signal: each })
      return provider.unassign({ place: step.place, target: step.holder, signal: each })
    }, signal)
    const ended = begun.ok && begun.value ? await calls.finish(begun.value, signal) : begun
    if (!ended.ok) progress.last = ended.error
    return ended.ok
  }

  /** Rounds of look, decide, act, until there is nothing left to do. @throws the reason of `signal` */
  async function rounds(decide: (holding: Holding) => MoveStep, progress: Progress, signal: AbortSignal): Promise<Outcome> {
    let seen: Holding | undefined
    for (;;) {
      const refusal = progress.refusal() ?? pausedTooLong(progress)
      if (refusal) return refusal
      const holding: Holding | undefined = seen ?? (await look(progress, signal))
      seen = undefined
      if (!holding) {
        const end = failedForGood(progress)
        if (end) return end
        await calls.wait(signal)
        continue
      }
      const step = decide(holding)
      if (step.type === 'done') return progress.refusal() ?? { ok: true, detail: judgeHolding(holding, own, members).because }
      if (step.type === 'refuse') return { ok: false, because: step.because, retryable: step.retryable }
      if (step.type === 'wait') {
        await sleep(pollMs, { signal, clock })
        continue
      }
      const late = progress.refusal()
      if (late) return late
      if (await act(step, progress, signal)) {
        progress.did(step)
        // The place of the token is not the place of the address: what was seen of that still stands.
        if (step.type === 'mark') seen = { ...holding, token: progress.token }
        continue
      }
      const end = failedForGood(progress)
      if (end) return end
      await calls.wait(signal)
    }
  }

  /** Another try would not help, or not in time. */
  function failedForGood(progress: Progress): Outcome | undefined {
    const { last } = progress
    return pausedTooLong(progress) ?? (last && !last.retryable ? failed(last) : undefined)
  }

  /** The provider is to be left alone for longer than there is time. */
  function pausedTooLong({ last }: Progress): Outcome | undefined {
    const pauseMs = calls.budget.pauseMs()
    if (pauseMs <= providerDefaults.longestPauseMs) return undefined
    return failed(last ?? looks.failure, pauseMs)
  }

  /** Never rejects but for the caller's own signal: what goes wrong in the world is an outcome. */
  async function bounded(
    verb: 'acquire' | 'release',
    { signal, progress }: { readonly signal: AbortSignal | undefined; readonly progress: Progress },
    work: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    try {
      const outcome = await withDeadline(`${verb} ${provider.id}`, allowedMs[verb], work, { signal, clock })
      if (!outcome.ok) looks.doubt()
      return outcome
    } catch (error) {
      looks.doubt()
      if (signal?.aborted) throw error
      const ended = progress.refusal()
      const why = [ended && !ended.ok ? ended.because : errorText(error), progress.last?.message].filter((each) => each !== undefined)
      return { ok: false, because: why.join('; '), retryable: true }
    }
  }

  return {
    id: provider.id,
    allowedMs,
    instruction: (verb, name) =>
      provider.instruction(verb, {
        target: targetOf(targets, name, provider.id),
        others: Object.entries(targets).flatMap(([other, target]) => (other === name ? [] : [target])),
      }),
    observe: ({ signal } = {}) => looks.observe(signal),
    acquire(right, { signal } = {}) {
      const progress = new Progress(right)
      const { shape } = provider
      const about = { shape, own, token: right.token, targets: [...members.keys()], writesToken: provider.writeToken !== undefined }
      const decide = (holding: Holding): MoveStep => {
        progress.memory ??= beginMove(holding)
        return decideMove({ ...about, holding, memory: progress.memory })
      }
      return bounded('acquire', { signal, progress }, (deadline) =>
        rounds(decide, progress, AbortSignal.any([deadline, right.signal, looks.closing])),
      )
    },
    release({ signal } = {}) {
      const progress = new Progress()
      progress.memory = beginMove({ places: [] })
      const decide = (holding: Holding): MoveStep => decideRelease(holding, own, progress.memory?.taken ?? new Set())
      return bounded('release', { signal, progress }, (deadline) => rounds(decide, progress, AbortSignal.any([deadline, looks.closing])))
    },
    async close() {
      looks.close()
      await provider.close()
    },
  }
}

/** What one call of a verb has done so far, and whether it may go on. */
class Progress {
  readonly token: number
  readonly #right: Right | undefined
  memory: MoveMemory | undefined
  /** The last call that failed. */
  last: CloudError | undefined

  constructor(right?: Right) {
    this.#right = right
    this.token = right?.token ?? 0
  }

  refusal(): Outcome | undefined {
    if (!this.#right || this.#right.isValid()) return undefined
    return { ok: false, because: 'the right has ended', retryable: true }
  }

  did(step: MoveStep): void {
    if (!this.memory) return
    const { taken, given } = this.memory
    if (step.type === 'mark') this.memory = { ...this.memory, marked: true }
    if (step.type === 'unassign') this.memory = { ...this.memory, taken: new Set([...taken, step.place.name]) }
    if (step.type === 'assign') this.memory = { ...this.memory, given: new Set([...given, step.place.name]) }
  }
}

function targetOf(targets: Readonly<Record<string, string>>, node: string, id: string): string {
  const target = Object.hasOwn(targets, node) ? targets[node] : undefined
  if (target !== undefined) return target
  throw wrong(id, `no target is given for ${node}`)
}

function wrong(who: string, message: string): Error {
  return optionsError({ code: 'HOTSPARE_VIP_OPTIONS', who, issues: [{ path: ['targets'], message }] })
}

function failed(error: Pick<CloudError, 'message' | 'retryable'> | undefined, pauseMs = 0): Outcome {
  const pause = pauseMs > 0 ? `; it is not asked again for ${formatDuration(Math.ceil(pauseMs / 1_000) * 1_000)}` : ''
  return { ok: false, because: `${error?.message ?? 'the provider is left alone'}${pause}`, retryable: error?.retryable ?? true }
}
