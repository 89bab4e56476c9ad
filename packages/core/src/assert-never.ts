import { HotspareError } from './errors.ts'

/** Ends a `switch` over a union: a case that was forgotten is a compile error here. */
export function assertNever(value: never): never {
  throw new HotspareError({ code: 'HOTSPARE_CORE_UNREACHABLE', message: `core: a case is missing for ${nameOf(value)}` })
}

/** Names the case and nothing more: the rest of an object may hold a secret. */
function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  return 'type' in value && typeof value.type === 'string' ? `type ${JSON.stringify(value.type)}` : 'an object without a type'
}
