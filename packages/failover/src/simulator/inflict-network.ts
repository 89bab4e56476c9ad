import { assertNever } from '@hotspare/core'
import { ARBITER, type NetworkFault } from './fault.ts'
import type { Mend } from './course.ts'
import type { Site } from './site.ts'
import type { Way } from './wires.ts'

/** @returns what mends it; undefined where there was nothing to strike */
export function strikeNetwork(site: Site, fault: NetworkFault): Mend {
  const { wires } = site
  switch (fault.type) {
    case 'partition':
      return wires.cut(fault.sides.flatMap((side) => waysBetween(side, fault.sides.filter((other) => other !== side).flat())))
    case 'cut':
      return wires.cut(waysBetween(fault.from, fault.to))
    case 'rough': {
      const { lossRatio = 0, delayMs = [0.1, 0.5], duplicateRatio = 0, lateRatio = 0, lateMs = 0, way } = fault
      return wires.roughen({ lossRatio, delayMs, duplicateRatio, lateRatio, lateMs }, way)
    }
    case 'arbiter-killed':
      return killArbiter(site)
    case 'arbiter-paused': {
      const { arbiter } = site
      if (!arbiter?.running) return undefined
      arbiter.pause()
      return () => arbiter.resume()
    }
    case 'arbiter-slow': {
      const mends = site.nodes.map(({ name }) => wires.roughen({ delayMs: [fault.byMs, fault.byMs + 1] }, { from: ARBITER, to: name }))
      return () => {
        for (const mend of mends) mend()
      }
    }
    default:
      return assertNever(fault)
  }
}

function killArbiter(site: Site): Mend {
  const { arbiter } = site
  if (!arbiter?.alive) return undefined
  arbiter.kill()
  return () => {
    if (site.arbiter === arbiter) site.startArbiter()
  }
}

function waysBetween(from: readonly string[], to: readonly string[]): readonly Way[] {
  return from.flatMap((one) => to.filter((other) => other !== one).map((other) => ({ from: one, to: other })))
}
