import { expect, it } from 'vitest'
import { type OwnClusterEvent, clusterEvent } from './events.ts'
import { clusterSentence } from './sentences.ts'

const at = 1
const service = 'shop'
const peer = 'web-2'
const session = '0011223344556677'
const because = 'so it is'
const lease = 'shop'
const vip = { at, address: '10.0.0.100/32', interface: 'eth0' }

/** One of each type: a type that is missing here is a compile error. */
const events: {
  readonly [Type in OwnClusterEvent['type']]: readonly [event: OwnClusterEvent & { readonly type: Type }, sentence: string]
} = {
  'role-changed': [
    { type: 'role-changed', at, service, from: 'standby', to: 'active', because },
    'shop is active here (was standby): so it is',
  ],
  'plan-started': [
    { type: 'plan-started', at, service, purpose: 'failover', from: 'web-1', to: 'web-2', because, steps: [] },
    'shop: failover from web-1 to web-2 begins: so it is',
  ],
  'step-finished': [
    { type: 'step-finished', at, service, step: '1 take-lease on web-2', detail: 'token 7', tookMs: 3.4 },
    'shop: 1 take-lease on web-2: token 7 (3 ms)',
  ],
  'step-failed': [{ type: 'step-failed', at, service, step: '1 x', because, tookMs: 3.4 }, 'shop: 1 x failed after 3 ms: so it is'],
  'plan-finished': [{ type: 'plan-finished', at, service, purpose: 'start', tookMs: 12.6 }, 'shop: start done in 13 ms'],
  'plan-failed': [
    { type: 'plan-failed', at, service, purpose: 'start', because, tookMs: 12.6 },
    'shop: start failed after 13 ms: so it is',
  ],
  'service-concern': [{ type: 'service-concern', at, service, because }, 'shop needs people: so it is'],
  'service-concern-ended': [{ type: 'service-concern-ended', at, service }, 'shop needs people no longer'],
  'automation-off': [{ type: 'automation-off', at, service, because }, 'automation of shop is off: so it is'],
  'automation-on': [{ type: 'automation-on', at, service }, 'automation of shop is on'],
  'engine-paused': [
    { type: 'engine-paused', at, pauseMs: 812.3 },
    'this process did not run for 812 ms: what it saw before is not believed',
  ],
  'peer-up': [{ type: 'peer-up', at, peer, from: 'down', because }, 'peer web-2 is up (was down): so it is'],
  'peer-degraded': [{ type: 'peer-degraded', at, peer, from: 'up', because }, 'peer web-2 is degraded (was up): so it is'],
  'peer-down': [{ type: 'peer-down', at, peer, from: 'up', because }, 'peer web-2 is down (was up): so it is'],
  'path-up': [{ type: 'path-up', at, peer, path: '1', from: 'down', because }, 'path 1 to web-2 is up (was down): so it is'],
  'path-degraded': [{ type: 'path-degraded', at, peer, path: '1', from: 'up', because }, 'path 1 to web-2 is degraded (was up): so it is'],
  'path-down': [{ type: 'path-down', at, peer, path: '1', from: 'up', because }, 'path 1 to web-2 is down (was up): so it is'],
  'peer-restarted': [{ type: 'peer-restarted', at, peer, session, previousSession: session }, 'the process of peer web-2 was started anew'],
  'heartbeat-late': [
    { type: 'heartbeat-late', at, gapMs: 412.7, skippedBeats: 3 },
    'no heartbeat was sent for 413 ms: this process did not run, 3 beats were skipped',
  ],
  'heartbeat-promise-broken': [
    { type: 'heartbeat-promise-broken', at: 1, falseAlarmsPerYear: 12.345, promised: 1 },
    'what the heartbeat measures means 12 false alarms a year; promised is 1 false alarm: `hotspare calibrate` says what to change',
  ],
  'heartbeat-promise-kept': [
    { type: 'heartbeat-promise-kept', at: 1, falseAlarmsPerYear: 0, promised: 0.5 },
    'what the heartbeat measures bears out its promise of 0.5 false alarms a year',
  ],
  'packets-dropped': [
    { type: 'packets-dropped', at, count: 5, because: 'replayed: 5' },
    '5 heartbeat packets were not believed: replayed: 5',
  ],
  'counter-unsaved': [{ type: 'counter-unsaved', at, because }, 'the counter of the heartbeat is not saved: so it is'],
  'peer-connected': [
    { type: 'peer-connected', at, peer, session, protocol: 1, fingerprintAgrees: true },
    'requests reach peer web-2 (protocol 1)',
  ],
  'peer-disconnected': [
    { type: 'peer-disconnected', at, peer, session, reason: 'reset', because },
    'requests do not reach peer web-2 any more: so it is',
  ],
  'peer-left': [{ type: 'peer-left', at, peer, session }, 'peer web-2 said goodbye'],
  'peer-process-gone': [{ type: 'peer-process-gone', at, peer, session, because }, 'the process of peer web-2 has ended: so it is'],
  'peer-process-replaced': [
    { type: 'peer-process-replaced', at, peer, session, previousSession: session },
    'another process answers as peer web-2',
  ],
  'peer-refused': [
    { type: 'peer-refused', at, peer, reason: 'protocol-version', because },
    'peer web-2 is reached and does not talk with us (protocol-version): so it is',
  ],
  'fingerprint-differs': [
    { type: 'fingerprint-differs', at, peer, ours: 'aa', theirs: 'bb' },
    'peer web-2 has another configuration: theirs is bb, ours aa',
  ],
  'fingerprint-agrees': [{ type: 'fingerprint-agrees', at, peer }, 'peer web-2 has the same configuration again'],
  'connections-refused': [
    { type: 'connections-refused', at, count: 2, because: 'handshake: 2' },
    '2 connections of strangers were closed: handshake: 2',
  ],
  'lease-granted': [{ type: 'lease-granted', at, lease, token: 7 }, 'lease shop is ours, token 7'],
  'lease-ended': [
    { type: 'lease-ended', at, lease, token: 7, reason: 'lost', because },
    'lease shop is ours no longer (token 7, lost): so it is',
  ],
  'lease-unconfirmed': [{ type: 'lease-unconfirmed', at, lease, because }, 'lease shop may be ours no longer: so it is'],
  'lease-confirmed': [{ type: 'lease-confirmed', at, lease }, 'lease shop is still ours'],
  'lease-holder-changed': [{ type: 'lease-holder-changed', at, lease, holder: 'web-2', token: 8 }, 'web-2 holds lease shop with token 8'],
  'register-unreachable': [{ type: 'register-unreachable', at, lease, because }, 'the arbiter does not answer for lease shop: so it is'],
  'register-reachable': [{ type: 'register-reachable', at, lease }, 'the arbiter answers again for lease shop'],
  'vip-claimed': [{ type: 'vip-claimed', adopted: false, tookMs: 3.1, ...vip }, '10.0.0.100/32 is on eth0 after 3 ms'],
  'vip-released': [{ type: 'vip-released', because, ...vip }, '10.0.0.100/32 is off eth0: so it is'],
  'vip-refused': [{ type: 'vip-refused', because, ...vip }, '10.0.0.100/32 was not claimed on eth0: so it is'],
  'vip-conflict': [
    { type: 'vip-conflict', mac: '02:00:00:00:00:07', ...vip },
    'somebody else claims 10.0.0.100/32 on the network of eth0: 02:00:00:00:00:07',
  ],
  'vip-expired': [{ type: 'vip-expired', because, ...vip }, 'the kernel has taken 10.0.0.100/32 off eth0: so it is'],
  'vip-suspended': [{ type: 'vip-suspended', because, ...vip }, 'traffic to 10.0.0.100/32 on eth0 is refused for now: so it is'],
  'vip-resumed': [{ type: 'vip-resumed', ...vip }, 'traffic to 10.0.0.100/32 on eth0 passes again'],
  'vip-refresh-failed': [
    { type: 'vip-refresh-failed', because, ...vip },
    'the lifetime of 10.0.0.100/32 on eth0 could not be set anew: so it is',
  ],
  'vip-announcer-degraded': [
    { type: 'vip-announcer-degraded', means: 'arping', because, ...vip },
    '10.0.0.100/32 is announced on eth0 by arping: so it is',
  ],
  'vip-swept': [{ type: 'vip-swept', ...vip }, '10.0.0.100/32, left on eth0 by an earlier process, was removed'],
  'fence-started': [{ type: 'fence-started', at, node: 'web-1' }, 'web-1 is being switched off'],
  'fence-done': [{ type: 'fence-done', at, node: 'web-1', because, tookMs: 1_200.4 }, 'web-1 is off after 1200 ms: so it is'],
  'fence-failed': [
    { type: 'fence-failed', at, node: 'web-1', because, tookMs: 1_200.4 },
    'web-1 could not be switched off in 1200 ms: so it is',
  ],
  'fence-confirmed': [{ type: 'fence-confirmed', at, node: 'web-1', because }, 'people have confirmed that web-1 is off: so it is'],
  'fence-doubted': [
    { type: 'fence-doubted', at, node: 'web-1', because },
    'people say that web-1 is off, and that is not believed: so it is',
  ],
  'fence-ended': [{ type: 'fence-ended', at, node: 'web-1' }, 'web-1 is heard again: it is off no longer'],
  'watchdog-armed': [
    { type: 'watchdog-armed', at, path: '/dev/watchdog', timeoutMs: 5_000 },
    'the watchdog /dev/watchdog resets this machine 5000 ms after the last sign of life',
  ],
  'watchdog-missing': [{ type: 'watchdog-missing', at, path: '/dev/watchdog', because }, 'there is no watchdog: so it is'],
  'watchdog-withheld': [
    { type: 'watchdog-withheld', at, path: '/dev/watchdog', because },
    'the watchdog /dev/watchdog gets no sign of life, and resets this machine unless that changes: so it is',
  ],
  'watchdog-petted-again': [
    { type: 'watchdog-petted-again', at, path: '/dev/watchdog' },
    'the watchdog /dev/watchdog gets signs of life again',
  ],
  'watchdog-disarmed': [{ type: 'watchdog-disarmed', at, path: '/dev/watchdog' }, 'the watchdog /dev/watchdog is disarmed'],
  'site-lost': [{ type: 'site-lost', at, site: 'fra', because }, 'site fra is lost: so it is'],
  'site-back': [{ type: 'site-back', at, site: 'fra', because }, 'site fra is lost no longer: so it is'],
  'hold-set': [{ type: 'hold-set', at, because }, 'people hold this node: so it is; automation is off'],
  'hold-lifted': [{ type: 'hold-lifted', at }, 'people have taken the hold of this node back'],
  'maintenance-set': [{ type: 'maintenance-set', at, because }, 'this node is in maintenance: so it is'],
  'maintenance-lifted': [{ type: 'maintenance-lifted', at }, 'this node is in maintenance no longer'],
}

it.each(Object.values(events))('%o has its sentence', (event, sentence) => {
  expect(clusterSentence(event)).toBe(sentence)
})

it('adds counts up and keeps their reasons', () => {
  const told = { type: 'packets-dropped', at, counts: { replayed: 3, forged: 0 } } as never
  expect(clusterEvent(told)).toEqual({ type: 'packets-dropped', at, count: 3, because: 'replayed: 3' })
})
