/** Somebody who answers for an address, by its hardware address. */
export interface Holder {
  readonly hardware: string
  /** Its first and its last claim, in milliseconds. */
  readonly fromMs: number
  readonly lastMs: number
}

export interface HoldersState {
  readonly holders: readonly Holder[]
}

export type HolderEvent =
  | { readonly type: 'holder-appeared'; readonly atMs: number; readonly hardware: string }
  | { readonly type: 'holder-gone'; readonly atMs: number; readonly hardware: string; readonly lastMs: number }
  /** Each has claimed the address between claims of the other: for certain from `fromMs` to `toMs`. Told again as it grows. */
  | { readonly type: 'two-holders'; readonly fromMs: number; readonly toMs: number; readonly hardwares: readonly string[] }

export interface HoldersStep {
  readonly state: HoldersState
  readonly events: readonly HolderEvent[]
}

/** More than these for one address is an attack. */
const MAX_HOLDERS = 8

export const noHolders: HoldersState = { holders: [] }

/** Somebody said that the address is its own: unasked, or asked by a probe. */
export function holderSeen(before: HoldersState, hardware: string, atMs: number): HoldersStep {
  const known = before.holders.find((holder) => holder.hardware === hardware)
  if (!known && before.holders.length >= MAX_HOLDERS) return { state: before, events: [] }
  const seen: Holder = { hardware, fromMs: known?.fromMs ?? atMs, lastMs: Math.max(atMs, known?.lastMs ?? atMs) }
  const others = before.holders.filter((holder) => holder !== known)
  const events: HolderEvent[] = known ? [] : [{ type: 'holder-appeared', atMs, hardware }]
  const common = others.flatMap((other) => {
    const span = { fromMs: Math.max(other.fromMs, seen.fromMs), toMs: Math.min(other.lastMs, seen.lastMs) }
    return span.fromMs < span.toMs ? [span] : []
  })
  if (common.length > 0) {
    const fromMs = Math.min(...common.map((span) => span.fromMs))
    const toMs = Math.max(...common.map((span) => span.toMs))
    events.push({ type: 'two-holders', fromMs, toMs, hardwares: [...others, seen].map((holder) => holder.hardware).toSorted() })
  }
  return { state: { holders: [...others, seen] }, events }
}

/** Looks who has not claimed the address for `goneAfterMs`, though it is asked for several times in that. */
export function holdersLooked(before: HoldersState, atMs: number, goneAfterMs: number): HoldersStep {
  const gone = before.holders.filter(({ lastMs }) => atMs - lastMs > goneAfterMs)
  if (gone.length === 0) return { state: before, events: [] }
  return {
    state: { holders: before.holders.filter((holder) => !gone.includes(holder)) },
    events: gone.map(({ hardware, lastMs }) => ({ type: 'holder-gone', atMs, hardware, lastMs })),
  }
}
