import { HotspareError } from './errors.ts'

/** Ends a `switch` over a union: a case that was forgotten is a compile error here. */
export function assertNever(value: never): never {
  throw new HotspareError({ code: 'HOTSPARE_CORE_UNREACHABLE', message: `core: a case is missing for ${JSON.stringify(value)}` })
}
