import { assertNever } from '@hotspare/core'
import type { Mend } from './course.ts'
import type { OutsideFault } from './fault.ts'
import type { Site } from './site.ts'

/** @returns what mends it; undefined where there was nothing to strike */
export function strikeOutside(site: Site, fault: OutsideFault): Mend {
  switch (fault.type) {
    case 'provider-down':
    case 'provider-slow':
      return site.services.some(({ moved }) => moved && (fault.provider ?? moved.provider) === moved.provider)
        ? site.cloud.fail(fault)
        : undefined
    case 'fence-dead':
    case 'fence-slow':
      return site.devices.fail(fault)
    default:
      return assertNever(fault)
  }
}
