import { type Clock, errorText, type Timer } from '@hotspare/core'
import { TAKEN_BACK } from '../failure.ts'
import type { TargetPick } from '../types.ts'
import type { ClientHello } from './hello-body.ts'
import type { PickTcpTarget, TcpPickContext, TcpPicked } from './types.ts'

export type TcpPickAnswer = { readonly pick: TargetPick } | { readonly pick: undefined; readonly because: string }

const NOBODY: ReadonlySet<string> = new Set()
const NOTHING_READ: ClientHello = { serverName: undefined, protocols: [] }

/** How one connection asks for its targets: at once where the picker answers at once, and else for as long as it may wait. */
export class TcpPicking implements TcpPickContext {
  readonly #pick: PickTcpTarget
  readonly #clock: Clock
  readonly #client: { readonly remoteAddress?: string | undefined }
  readonly #hello: ClientHello
  #tried: string | undefined
  #excluded: Set<string> | undefined
  #controller: AbortController | undefined
  #patience: Timer | undefined
  #ended = false

  constructor(
    client: { readonly remoteAddress?: string | undefined },
    { pick, clock, hello }: { readonly pick: PickTcpTarget; readonly clock: Clock; readonly hello: ClientHello | undefined },
  ) {
    this.#client = client
    this.#pick = pick
    this.#clock = clock
    this.#hello = hello ?? NOTHING_READ
  }

  /** Most connections try one target alone, and need no set. */
  get exclude(): ReadonlySet<string> {
    return this.#excluded ?? NOBODY
  }

  /** Asked for only where the picker cares: it is a question to the kernel. */
  get remoteAddress(): string | undefined {
    return this.#client.remoteAddress
  }

  get serverName(): string | undefined {
    return this.#hello.serverName
  }

  get protocols(): readonly string[] {
    return this.#hello.protocols
  }

  /** Made when it is asked for: most pickers do not wait. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#ended) this.#controller.abort(TAKEN_BACK)
    return this.#controller.signal
  }

  /**
   * Asks for the next target.
   *
   * @param answer called once; not at all where the connection ends first
   */
  next(longestMs: number, answer: (answer: TcpPickAnswer) => void): void {
    if (this.#tried !== undefined) (this.#excluded ??= new Set()).add(this.#tried)
    let picked: ReturnType<PickTcpTarget>
    try {
      picked = this.#pick(this)
    } catch (error) {
      return answer(broken(error))
    }
    if (picked instanceof Promise) this.#await(picked, longestMs, answer)
    else answer(this.#read(picked))
  }

  /** The connection has ended, or has its target: nobody waits for one any more. */
  end(): void {
    this.#ended = true
    this.#patience?.cancel()
    this.#controller?.abort(TAKEN_BACK)
  }

  #await(promise: Promise<TcpPicked>, longestMs: number, answer: (answer: TcpPickAnswer) => void): void {
    const settle = (tell: () => TcpPickAnswer): void => {
      if (this.#ended) return
      this.#patience?.cancel()
      answer(tell())
    }
    this.#patience = this.#clock.schedule(longestMs, () => {
      this.end()
      answer({ pick: undefined, because: 'no target became free in time' })
    })
    promise.then(
      (picked) => {
        // Nobody is there any more to use it.
        if (this.#ended && picked && 'target' in picked) picked.done()
        settle(() => this.#read(picked))
      },
      (error: unknown) => settle(() => broken(error)),
    )
  }

  #read(picked: TcpPicked): TcpPickAnswer {
    if (!picked) return { pick: undefined, because: 'no target may be used' }
    if ('refused' in picked) return { pick: undefined, because: picked.refused }
    this.#tried = picked.target.id
    return { pick: picked }
  }
}

function broken(error: unknown): TcpPickAnswer {
  return { pick: undefined, because: `the picker failed: ${errorText(error)}` }
}
