/** How long the kernel may keep an address without hearing from us. Pure arithmetic. */

export interface LifetimeRules {
  /** The longest that an address may outlive its last refresh. */
  readonly lifetimeMs: number
  /** How long before the right's end the gate shuts, for the kernel's lateness and the driver's. */
  readonly marginMs: number
  /** The pause between two refreshes. */
  readonly refreshMs: number
  /** How long at least the address stays once the gate has shut, so that its connections are reset. */
  readonly resetMs: number
  /** How long the gate stays in the kernel after it has shut. */
  readonly guardMs: number
}

/**
 * How long the gate may stay open from now: never past the right's end less the margin.
 *
 * @returns whole milliseconds; 0 when it must not be open
 */
export function gateOpenMs(rules: LifetimeRules, remainingMs: number): number {
  const openMs = Math.floor(Math.min(rules.lifetimeMs, remainingMs) - rules.marginMs)
  return openMs > 0 ? openMs : 0
}

/** How long the gate itself is kept: beyond the last moment at which the address can still be there. */
export function gateKeptMs(rules: LifetimeRules): number {
  // The address counts in whole seconds, and is looked for on a grid of a quarter of a second.
  return Math.ceil((rules.lifetimeMs + rules.resetMs) / 1_000) * 1_000 + rules.guardMs
}

/**
 * The address's own lifetime, in the whole seconds that the kernel knows, rounded up: it ends after the gate has shut, so that
 * connections are reset before the address is gone and nobody is left to reset them. It is the backstop, the gate is the bound.
 *
 * @param remainingMs of the right, from now
 * @param setMs how long the lifetime that is set would still last; 0 when none is
 * @returns seconds to set; undefined to leave what is set
 */
export function addressLifetimeSeconds(rules: LifetimeRules, remainingMs: number, setMs: number): number | undefined {
  const wantedMs = Math.min(rules.lifetimeMs, remainingMs) + rules.resetMs
  // Each change is told to everybody who watches the kernel's addresses: none without need.
  return remainingMs <= 0 || setMs >= wantedMs ? undefined : Math.ceil(wantedMs / 1_000)
}
