import { errorText, HotspareError } from '@hotspare/core'
import type { z } from 'zod'

/**
 * Lets a factory of a package judge options that have no schema: what it refuses is told at the key of the option that its
 * message names, from that name on.
 *
 * @param keys by option, where the file calls it otherwise
 * @returns whether the factory takes them
 */
export function acceptedBy(
  make: () => unknown,
  options: readonly string[],
  context: z.RefinementCtx,
  keys: Readonly<Record<string, string>> = {},
): boolean {
  try {
    make()
    return true
  } catch (error) {
    if (!HotspareError.is(error)) throw error
    const message = errorText(error)
    const named = options
      .map((option) => ({ option, at: message.search(new RegExp(`\\b${option}\\b`)) }))
      .filter(({ at }) => at >= 0)
      .toSorted((one, other) => one.at - other.at)[0]
    const key = named && (keys[named.option] ?? named.option)
    const rest = named ? message.slice(named.at + named.option.length).trim() : message
    // The path says the name already.
    const text = named ? `${rest.startsWith('is ') ? 'it' : key} ${rest}` : rest
    context.addIssue({ code: 'custom', path: key === undefined ? [] : [key], message: text, params: { isWhole: true } })
    return false
  }
}

/** Whether a factory of a package takes what it is called with. */
export function isAccepted(make: () => unknown): boolean {
  try {
    make()
    return true
  } catch (error) {
    if (HotspareError.is(error)) return false
    throw error
  }
}
