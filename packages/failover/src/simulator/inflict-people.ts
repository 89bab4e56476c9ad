import { assertNever, errorText } from '@hotspare/core'
import type { PeopleFault } from './fault.ts'
import { type Course, type Mend, nothingToMend } from './course.ts'
import { COMMON_FINGERPRINT, type VirtualNode } from './node.ts'
import type { Site } from './site.ts'

/** @returns what takes it back; undefined where nobody was there to tell */
export function strikePeople(course: Course, fault: PeopleFault): Mend {
  const { site } = course
  const node = site.nodes.find(({ name }) => name === fault.node)
  if (!node) return undefined
  switch (fault.type) {
    case 'hold':
      return hold(site, node)
    case 'maintenance':
      node.disk.maintenance = 'people work on it'
      reread(node)
      return () => {
        node.disk.maintenance = undefined
        reread(node)
      }
    case 'command':
      return command(site, node, fault)
    case 'stop':
      return stop(course, node, fault.forMs)
    case 'disagree':
      configure(site, node, `that of ${node.name}`)
      return () => configure(site, node, COMMON_FINGERPRINT)
    default:
      return assertNever(fault)
  }
}

function reread(node: VirtualNode): void {
  if (node.runs) node.process?.reload()
}

function hold(site: Site, node: VirtualNode): Mend {
  const { nowMs } = site.simulation
  const set = { since: nowMs, because: 'people want it' }
  node.disk.hold = set
  node.disk.heldAtMs = nowMs
  reread(node)
  return () => {
    if (node.disk.hold !== set) return
    node.disk.hold = undefined
    reread(node)
  }
}

function configure(site: Site, node: VirtualNode, fingerprint: string): void {
  node.disk.fingerprint = fingerprint
  node.disk.fingerprintAtMs = site.simulation.nowMs
  reread(node)
}

function command(site: Site, node: VirtualNode, { command: type, to, service }: PeopleFault & { readonly type: 'command' }): Mend {
  const name = service ?? node.kernel.services[0]
  if (!node.runs || !node.process || name === undefined || !node.kernel.services.includes(name)) return undefined
  node.process.failover.command(name, { type, to }).then(
    (result) => site.tell(`the command to ${node.name}: ${result.because}`),
    (error: unknown) => site.violate(`a command was thrown out: ${errorText(error)}`),
  )
  return nothingToMend
}

function stop(course: Course, node: VirtualNode, forMs: number | undefined): Mend {
  const { site } = course
  const { process } = node
  if (!node.runs || !process) return undefined
  process.stop().then(
    () => {
      if (node.process !== process) return
      site.tell(`hotspare has stopped on ${node.name}`)
      node.kill()
      site.gone(node)
      course.later(forMs, () => site.startProcess(node))
    },
    (error: unknown) => site.violate(`${node.name} could not stop: ${errorText(error)}`),
  )
  return nothingToMend
}
