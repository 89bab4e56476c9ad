import type { Clock } from '@hotspare/core'
import { Asking } from '../asking.ts'
import type { ClientHello } from './hello-body.ts'
import type { PickTcpTarget, TcpPickContext } from './types.ts'

const NOBODY: ReadonlySet<string> = new Set()
const NOTHING_READ: ClientHello = { serverName: undefined, protocols: [] }

interface TcpPickingOptions {
  readonly pick: PickTcpTarget
  readonly clock: Clock
  /** Undefined where it is not read. */
  readonly hello: ClientHello | undefined
}

/** How one connection asks for its targets. */
export class TcpPicking extends Asking implements TcpPickContext {
  readonly #pick: PickTcpTarget
  readonly #client: { readonly remoteAddress?: string | undefined }
  readonly #hello: ClientHello
  #tried: string | undefined
  #excluded: Set<string> | undefined

  constructor(client: { readonly remoteAddress?: string | undefined }, { pick, clock, hello }: TcpPickingOptions) {
    super(clock)
    this.#client = client
    this.#pick = pick
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

  protected override ask(): ReturnType<PickTcpTarget> {
    if (this.#tried !== undefined) (this.#excluded ??= new Set()).add(this.#tried)
    return this.#pick(this)
  }

  protected override found(targetId: string): void {
    this.#tried = targetId
  }

  /** The time is what was left of `openTimeoutMs`, and means nothing to people. */
  protected override lateness(): string {
    return 'no target became free in time'
  }
}
