import { assertNever } from '@hotspare/core'
import { falseAlarms } from '../config/false-alarms.ts'
import type { OwnClusterEvent } from './events.ts'

/** How loud each event of the cluster is in the log. */
export const CLUSTER_EVENT_LEVELS: Readonly<Record<OwnClusterEvent['type'], 'info' | 'warn' | 'error'>> = {
  'role-changed': 'info',
  'plan-started': 'info',
  'step-finished': 'info',
  'step-failed': 'warn',
  'plan-finished': 'info',
  'plan-failed': 'error',
  'service-concern': 'error',
  'service-concern-ended': 'info',
  'automation-off': 'warn',
  'automation-on': 'info',
  'engine-paused': 'warn',
  'peer-up': 'info',
  'peer-degraded': 'info',
  'peer-down': 'warn',
  'path-up': 'info',
  'path-degraded': 'info',
  'path-down': 'info',
  'peer-restarted': 'info',
  'heartbeat-late': 'warn',
  'heartbeat-promise-broken': 'warn',
  'heartbeat-promise-kept': 'info',
  'packets-dropped': 'warn',
  'counter-unsaved': 'warn',
  'peer-connected': 'info',
  'peer-disconnected': 'info',
  'peer-left': 'info',
  'peer-process-gone': 'warn',
  'peer-process-replaced': 'info',
  'peer-refused': 'warn',
  'fingerprint-differs': 'error',
  'fingerprint-agrees': 'info',
  'connections-refused': 'warn',
  'lease-granted': 'info',
  'lease-ended': 'info',
  'lease-unconfirmed': 'warn',
  'lease-confirmed': 'info',
  'lease-holder-changed': 'info',
  'register-unreachable': 'error',
  'register-reachable': 'info',
  'vip-claimed': 'info',
  'vip-released': 'info',
  'vip-refused': 'error',
  'vip-conflict': 'error',
  'vip-expired': 'error',
  'vip-suspended': 'warn',
  'vip-resumed': 'info',
  'vip-refresh-failed': 'error',
  'vip-announcer-degraded': 'warn',
  'vip-swept': 'info',
  'fence-started': 'warn',
  'fence-done': 'warn',
  'fence-failed': 'error',
  'fence-confirmed': 'warn',
  'fence-doubted': 'error',
  'fence-ended': 'info',
  'watchdog-armed': 'info',
  'watchdog-missing': 'error',
  'watchdog-withheld': 'error',
  'watchdog-petted-again': 'info',
  'watchdog-disarmed': 'info',
  'site-lost': 'error',
  'site-back': 'info',
  'hold-set': 'warn',
  'hold-lifted': 'info',
  'maintenance-set': 'warn',
  'maintenance-lifted': 'info',
}

export function isClusterEvent(event: { readonly type: string }): event is OwnClusterEvent {
  return Object.hasOwn(CLUSTER_EVENT_LEVELS, event.type)
}

/** An event of the cluster as a sentence. */
export function clusterSentence(event: OwnClusterEvent): string {
  switch (event.type) {
    case 'role-changed':
      return `${event.service} is ${event.to} here (was ${event.from}): ${event.because}`
    case 'plan-started':
      return `${event.service}: ${event.purpose}${fromTo(event)} begins: ${event.because}`
    case 'step-finished':
      return `${event.service}: ${event.step}: ${event.detail} (${Math.round(event.tookMs)} ms)`
    case 'step-failed':
      return `${event.service}: ${event.step} failed after ${Math.round(event.tookMs)} ms: ${event.because}`
    case 'plan-finished':
      return `${event.service}: ${event.purpose} done in ${Math.round(event.tookMs)} ms`
    case 'plan-failed':
      return `${event.service}: ${event.purpose} failed after ${Math.round(event.tookMs)} ms: ${event.because}`
    case 'service-concern':
      return `${event.service} needs people: ${event.because}`
    case 'service-concern-ended':
      return `${event.service} needs people no longer`
    case 'automation-off':
      return `automation of ${event.service} is off: ${event.because}`
    case 'automation-on':
      return `automation of ${event.service} is on`
    case 'engine-paused':
      return `this process did not run for ${Math.round(event.pauseMs)} ms: what it saw before is not believed`
    case 'peer-up':
    case 'peer-degraded':
    case 'peer-down':
      return `peer ${event.peer} is ${event.type.slice('peer-'.length)} (was ${event.from}): ${event.because}`
    case 'path-up':
    case 'path-degraded':
    case 'path-down':
      return `path ${event.path} to ${event.peer} is ${event.type.slice('path-'.length)} (was ${event.from}): ${event.because}`
    case 'peer-restarted':
      return `the process of peer ${event.peer} was started anew`
    case 'heartbeat-late':
      return `no heartbeat was sent for ${Math.round(event.gapMs)} ms: this process did not run, ${event.skippedBeats} beats were skipped`
    case 'heartbeat-promise-broken':
      return `what the heartbeat measures means ${falseAlarms(event.falseAlarmsPerYear)} a year; promised is ${falseAlarms(event.promised)}: \`hotspare calibrate\` says what to change`
    case 'heartbeat-promise-kept':
      return `what the heartbeat measures bears out its promise of ${falseAlarms(event.promised)} a year`
    case 'packets-dropped':
      return `${event.count} heartbeat packets were not believed: ${event.because}`
    case 'counter-unsaved':
      return `the counter of the heartbeat is not saved: ${event.because}`
    case 'peer-connected':
      return `requests reach peer ${event.peer} (protocol ${event.protocol})`
    case 'peer-disconnected':
      return `requests do not reach peer ${event.peer} any more: ${event.because}`
    case 'peer-left':
      return `peer ${event.peer} said goodbye`
    case 'peer-process-gone':
      return `the process of peer ${event.peer} has ended: ${event.because}`
    case 'peer-process-replaced':
      return `another process answers as peer ${event.peer}`
    case 'peer-refused':
      return `peer ${event.peer} is reached and does not talk with us (${event.reason}): ${event.because}`
    case 'fingerprint-differs':
      return `peer ${event.peer} has another configuration: theirs is ${event.theirs}, ours ${event.ours}`
    case 'fingerprint-agrees':
      return `peer ${event.peer} has the same configuration again`
    case 'connections-refused':
      return `${event.count} connections of strangers were closed: ${event.because}`
    case 'lease-granted':
      return `lease ${event.lease} is ours, token ${event.token}`
    case 'lease-ended':
      return `lease ${event.lease} is ours no longer (token ${event.token}, ${event.reason}): ${event.because}`
    case 'lease-unconfirmed':
      return `lease ${event.lease} may be ours no longer: ${event.because}`
    case 'lease-confirmed':
      return `lease ${event.lease} is still ours`
    case 'lease-holder-changed':
      return event.holder === null
        ? `nobody holds lease ${event.lease} (token ${event.token})`
        : `${event.holder} holds lease ${event.lease} with token ${event.token}`
    case 'register-unreachable':
      return `the arbiter does not answer for lease ${event.lease}: ${event.because}`
    case 'register-reachable':
      return `the arbiter answers again for lease ${event.lease}`
    case 'vip-claimed':
      return `${event.address} is on ${event.interface} after ${Math.round(event.tookMs)} ms`
    case 'vip-released':
      return `${event.address} is off ${event.interface}: ${event.because}`
    case 'vip-refused':
      return `${event.address} was not claimed on ${event.interface}: ${event.because}`
    case 'vip-conflict':
      return `somebody else claims ${event.address} on the network of ${event.interface}: ${event.mac}`
    case 'vip-expired':
      return `the kernel has taken ${event.address} off ${event.interface}: ${event.because}`
    case 'vip-suspended':
      return `traffic to ${event.address} on ${event.interface} is refused for now: ${event.because}`
    case 'vip-resumed':
      return `traffic to ${event.address} on ${event.interface} passes again`
    case 'vip-refresh-failed':
      return `the lifetime of ${event.address} on ${event.interface} could not be set anew: ${event.because}`
    case 'vip-announcer-degraded':
      return `${event.address} is announced on ${event.interface} by ${event.means}: ${event.because}`
    case 'vip-swept':
      return `${event.address}, left on ${event.interface} by an earlier process, was removed`
    case 'fence-started':
      return `${event.node} is being switched off`
    case 'fence-done':
      return `${event.node} is off after ${Math.round(event.tookMs)} ms: ${event.because}`
    case 'fence-failed':
      return `${event.node} could not be switched off in ${Math.round(event.tookMs)} ms: ${event.because}`
    case 'fence-confirmed':
      return `people have confirmed that ${event.node} is off: ${event.because}`
    case 'fence-doubted':
      return `people say that ${event.node} is off, and that is not believed: ${event.because}`
    case 'fence-ended':
      return `${event.node} is heard again: it is off no longer`
    case 'watchdog-armed':
      return `the watchdog ${event.path} resets this machine ${Math.round(event.timeoutMs)} ms after the last sign of life`
    case 'watchdog-missing':
      return `there is no watchdog: ${event.because}`
    case 'watchdog-withheld':
      return `the watchdog ${event.path} gets no sign of life, and resets this machine unless that changes: ${event.because}`
    case 'watchdog-petted-again':
      return `the watchdog ${event.path} gets signs of life again`
    case 'watchdog-disarmed':
      return `the watchdog ${event.path} is disarmed`
    case 'site-lost':
      return `site ${event.site} is lost: ${event.because}`
    case 'site-back':
      return `site ${event.site} is lost no longer: ${event.because}`
    case 'hold-set':
      return `people hold this node: ${event.because}; automation is off`
    case 'hold-lifted':
      return 'people have taken the hold of this node back'
    case 'maintenance-set':
      return `this node is in maintenance: ${event.because}`
    case 'maintenance-lifted':
      return 'this node is in maintenance no longer'
    default:
      return assertNever(event)
  }
}

function fromTo({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): string {
  return `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` to ${to}`}`
}
