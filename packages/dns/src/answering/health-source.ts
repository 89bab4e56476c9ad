import { type Clock, clipDetail, errorText, type TargetState, withDeadline } from '@hotspare/core'

/** Says how targets are, by their ids; one that it leaves out is unknown. */
export type HealthSource = (options: {
  readonly signal: AbortSignal
}) => Promise<Readonly<Record<string, TargetState>>> | Readonly<Record<string, TargetState>>

export type HealthReading =
  | { readonly ok: true; readonly states: ReadonlyMap<string, TargetState> }
  | { readonly ok: false; readonly because: string }

const targetStates: ReadonlySet<unknown> = new Set<TargetState>(['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining'])

/** Asks a source once, within its time. Never rejects: a source that throws, hangs or says nonsense is one that says nothing. */
export async function readHealth(
  source: HealthSource,
  { timeoutMs, clock, signal }: { readonly timeoutMs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<HealthReading> {
  try {
    const states: unknown = await withDeadline('health source', timeoutMs, async (own) => source({ signal: own }), { clock, signal })
    if (typeof states !== 'object' || states === null) return { ok: false, because: 'the health source said nothing' }
    // A word that is none of ours says nothing: what is not known is never written.
    return {
      ok: true,
      states: new Map(Object.entries(states).map(([id, state]) => [id, isState(state) ? state : 'unknown'])),
    }
  } catch (error) {
    return { ok: false, because: clipDetail(errorText(error)) }
  }
}

function isState(value: unknown): value is TargetState {
  return targetStates.has(value)
}
