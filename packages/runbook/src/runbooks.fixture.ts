import type { Plan, Step } from '@hotspare/core/plan'
import type { ManualTakeoverRunbook, RunbookInput } from './input.ts'

const remove: Step = {
  id: '1 release vip 10.0.0.100/32 on web-1',
  node: 'web-1',
  action: { type: 'release', resource: 'vip 10.0.0.100/32' },
  what: 'Take the address 10.0.0.100 off eth0.',
  manual: ['ip address del 10.0.0.100/32 dev eth0'],
  verification: { command: 'ip -oneline address show dev eth0 to 10.0.0.100', expect: '^$' },
  allowedMs: 1_000,
  tookMs: 4,
}

const gate: Step = {
  id: '1 close gate on web-1',
  node: 'web-1',
  action: { type: 'release', resource: 'gate' },
  what: 'Drop what still arrives for 10.0.0.100: connections that are open would go on writing.',
  manual: ["nft add rule inet hotspare input ip daddr 10.0.0.100 counter drop comment 'shop-db'"],
  verification: { command: 'nft list chain inet hotspare input', expect: String.raw`ip daddr 10\.0\.0\.100 .*drop` },
  allowedMs: 500,
}

const add: Step = {
  id: '2 acquire vip 10.0.0.100/32 on web-2',
  node: 'web-2',
  action: { type: 'acquire', resource: 'vip 10.0.0.100/32' },
  what: 'Bring the address 10.0.0.100 to eth0, and tell the network.',
  manual: ['ip address add 10.0.0.100/32 dev eth0', 'arping -U -c 3 -I eth0 10.0.0.100'],
  verification: { command: 'ip -oneline address show dev eth0 to 10.0.0.100', expect: String.raw`inet 10\.0\.0\.100/32` },
  undo: ['ip address del 10.0.0.100/32 dev eth0'],
  allowedMs: 3_000,
  tookMs: 212,
}

const switchover: Plan = {
  service: 'shop-entry',
  purpose: 'switchover',
  because: 'people asked for it: new kernel on web-1',
  from: 'web-1',
  to: 'web-2',
  steps: [remove, add],
}

const common = {
  nodes: [
    { name: 'web-1', reach: 'ssh root@10.0.0.1', site: 'fra', holdFile: '/var/lib/hotspare/hold' },
    { name: 'web-2', reach: 'ssh root@10.0.0.2', site: 'fra', holdFile: '/var/lib/hotspare/hold' },
  ],
  contacts: [
    { name: 'On-call', role: 'incident commander', phone: '+1 555 0100' },
    { name: 'Robin Miller', role: 'network', phone: '+1 555 0101', email: 'robin@example.com' },
  ],
  generatedAtMs: Date.UTC(2026, 10, 21, 15, 52, 10),
  version: '0.1.0',
}

/** A site that serves on when Hotspare is dead. */
export const keep: RunbookInput = {
  ...common,
  mode: 'switchover',
  plan: switchover,
  hold: { because: "Robin's switchover of shop-entry" },
  service: {
    onControlLoss: 'keep',
    impact: 'New connections fail for less than a second; open ones break.',
    finalChecks: [
      {
        what: 'Users get an answer.',
        on: 'a machine outside of the cluster',
        verification: { command: 'curl -sS -o /dev/null -w "%{http_code}\\n" https://shop.example.com/healthz', expect: '^200$' },
      },
    ],
  },
}

/** A database: never two that write. */
export const release: RunbookInput = {
  ...common,
  mode: 'switchover',
  plan: { ...switchover, service: 'shop-db', steps: [gate, { ...remove, id: '2' }, { ...add, id: '3' }] },
  hold: { because: 'switchover of shop-db', set: 'hotspare hold set --because maintenance', lift: 'hotspare hold lift --yes' },
  service: { onControlLoss: 'release' },
}

/** The active node is thought to be dead. */
export const takeover: ManualTakeoverRunbook = {
  ...common,
  mode: 'manual-takeover',
  plan: { ...switchover, service: 'shop-db', purpose: 'failover', because: 'web-1 has not answered for 10m', steps: [{ ...add, id: '1' }] },
  hold: { because: 'web-1 is dead' },
  service: { onControlLoss: 'release', impact: 'Nobody can order until this is done.' },
  off: ['web-1'],
  proofOfOff: [
    {
      node: 'web-1',
      what: 'Switch its power off through its management board.',
      on: 'any machine that reaches 10.0.9.0/24',
      manual: ['ipmitool -I lanplus -H 10.0.9.1 -U ops -a chassis power off'],
      verification: { command: 'ipmitool -I lanplus -H 10.0.9.1 -U ops -a chassis power status', expect: '^Chassis Power is off$' },
    },
    {
      node: 'web-1',
      what: 'Shut its port on the switch.',
      on: 'switch-3',
      manual: ['configure', 'interface ge-0/0/7 shutdown'],
      verification: { command: 'show interface ge-0/0/7 | match Admin', expect: 'Admin(istrative)? (status )?down' },
    },
  ],
}
