import { assertNever } from '@hotspare/core'
import type { MachineFault } from './fault.ts'
import { type Course, type Mend, nothingToMend } from './course.ts'
import type { VirtualNode } from './node.ts'
import type { Site } from './site.ts'

/** @returns what mends it; undefined where there was nothing to strike */
export function strikeMachine(course: Course, fault: MachineFault): Mend {
  const { site } = course
  const node = site.nodes.find(({ name }) => name === fault.node)
  if (!node) return undefined
  switch (fault.type) {
    case 'pause':
      return pause(site, node)
    case 'stutter':
      return stutter(course, node, fault)
    case 'suspend':
      return suspend(site, node)
    case 'crash':
      return crash(site, node, fault.told)
    case 'power':
      return cutPower(site, node)
    case 'clock-rate':
      node.setClockRate(fault.rate)
      return nothingToMend
    case 'wall-jump':
      node.process?.machine.stepWall(fault.byMs)
      return node.process && nothingToMend
    case 'boot-jump':
      node.process?.machine.stepBoot(fault.byMs)
      return node.process && nothingToMend
    case 'control-dead':
      node.setControl(false)
      return () => node.setControl(true)
    case 'service-dead':
      return breakService(node, fault.service)
    case 'actuator':
      return node.actuators.fail(fault)
    default:
      return assertNever(fault)
  }
}

function pause(site: Site, node: VirtualNode): Mend {
  const { process } = node
  if (!node.runs || !process) return undefined
  node.pause()
  return () => {
    if (node.process === process) site.resume(node)
  }
}

/** The next pause begins a while after the last one has ended. */
function stutter(course: Course, node: VirtualNode, { pauseMs, runMs }: MachineFault & { readonly type: 'stutter' }): Mend {
  const { process } = node
  if (!node.runs || !process) return undefined
  let isMended = false
  const again = () => {
    if (isMended || course.isOver || node.process !== process) return
    const goOn = pause(course.site, node)
    course.later(pauseMs, () => {
      goOn?.()
      course.later(runMs, again)
    })
  }
  again()
  return () => {
    isMended = true
    if (node.process === process) course.site.resume(node)
  }
}

function suspend(site: Site, node: VirtualNode): Mend {
  const { kernel } = node
  if (!kernel.machine.running || (node.lives && !node.runs)) return undefined
  site.faultStruck()
  node.suspend()
  return () => {
    if (node.kernel === kernel) site.resume(node)
  }
}

function crash(site: Site, node: VirtualNode, told: boolean): Mend {
  if (!node.lives || !node.kernel.machine.running) return undefined
  site.killProcess(node, { told })
  return () => site.startProcess(node)
}

function cutPower(site: Site, node: VirtualNode): Mend {
  const { kernel } = node
  if (!kernel.machine.alive) return undefined
  site.faultStruck()
  node.cutPower()
  site.gone(node)
  return () => {
    if (node.kernel === kernel) site.boot(node)
    site.resume(node)
    site.startProcess(node)
  }
}

function breakService({ kernel }: VirtualNode, service: string | undefined): Mend {
  const dead = kernel.services.filter((name) => (service ?? name) === name && kernel.isUp(name))
  if (dead.length === 0) return undefined
  for (const name of dead) kernel.setService(name, false)
  return () => {
    for (const name of dead) kernel.setService(name, true)
  }
}
