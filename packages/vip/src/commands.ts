import { clipDetail, HotspareError } from '@hotspare/core'
import type { VirtualAddress } from './address.ts'
import { arpingWire } from './arping-wire.ts'
import { commandDefaults } from './defaults.ts'
import type { VipDriver } from './driver.ts'
import { ALIVE, GATE_TABLE, gateTables, GUARDED } from './gate-rules.ts'
import { parseIpAddresses, parseIpLinks } from './ip-json.ts'
import { loadGate, SILENT } from './netlink.ts'
import { permissionError, unavailable } from './netlink/libc.ts'
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts'

/** The driver that runs `ip`, `nft` and `arping`: where koffi is not to be had. Some 10 to 25 ms for each call. */
export function commandsDriver(): VipDriver {
  return {
    name: 'commands',
    gateLatenessMs: commandDefaults.gateLatenessMs,
    async open() {
      if (process.platform !== 'linux') throw unavailable(`this is ${process.platform}, and virtual addresses are Linux's`)
      mustWork('find out the version of ip', await runCommand('ip', ['-V']))
    },
    async links() {
      const what = 'list the interfaces'
      return understood(what, parseIpLinks(await ip(what, ['-j', 'link', 'show'])))
    },
    async entries(address) {
      const what = 'list the addresses'
      const all = understood(what, parseIpAddresses(await ip(what, ['-j', 'address', 'show'])))
      return address ? all.filter((entry) => entry.address === address.text) : all
    },
    async setAddress({ link, address, prefixLength, label, validSeconds = 'forever' }) {
      const ipv6 = address.family === 6
      await ip(`add ${address.text} to ${link.name}`, [
        'address',
        'replace',
        `${address.text}/${prefixLength}`,
        'dev',
        link.name,
        ...(label === undefined || ipv6 ? [] : ['label', label]),
        'valid_lft',
        `${validSeconds}`,
        'preferred_lft',
        ipv6 ? '0' : `${validSeconds}`,
        ...(ipv6 ? ['nodad'] : []),
        'noprefixroute',
      ])
    },
    async removeAddress({ link, address, prefixLength }) {
      const result = await runCommand('ip', ['address', 'delete', `${address.text}/${prefixLength}`, 'dev', link.name])
      if (result.status !== 0 && /cannot assign requested address|address not found|cannot find device/i.test(result.stderr)) return false
      mustWork(`remove ${address.text} from ${link.name}`, result)
      return true
    },
    prepareGate: loadGate,
    openGate: (address, { openMs, keptMs }) => mustChangeGate(address, { [GUARDED]: keptMs, [ALIVE]: openMs }),
    shutGate: (address, { keptMs }) => mustChangeGate(address, { [GUARDED]: keptMs, [ALIVE]: 0 }),
    async removeGate(address) {
      const result = await changeGate(address, { [GUARDED]: 0, [ALIVE]: 0 })
      // No table, no gate.
      if (!/no such file or directory/i.test(result.stderr)) mustWork(`remove the gate of ${address.text}`, result)
    },
    openWire: async (link, address) => (link.ethernet ? arpingWire(link, address) : SILENT),
    async close() {},
  }
}

type GateTimes = Readonly<Record<typeof GUARDED | typeof ALIVE, number>>

function changeGate(address: VirtualAddress, times: GateTimes): Promise<CommandResult> {
  const edits = gateTables(address.family).flatMap((table) =>
    ([GUARDED, ALIVE] as const).flatMap((set) => setEdits(`${table} ${GATE_TABLE} ${set}${address.family}`, address.text, times[set])),
  )
  // Killed when it is late: its timeouts count from when the kernel reads them, not from now.
  return runCommand('nft', ['-f', '-'], { input: `${edits.join('\n')}\n`, timeoutMs: commandDefaults.gateLatenessMs })
}

async function mustChangeGate(address: VirtualAddress, times: GateTimes): Promise<void> {
  mustWork(`set the gate of ${address.text}`, await changeGate(address, times))
}

/** Added to be sure that it is there, deleted, and added anew: only so is a timeout set anew on every kernel. One transaction. */
function setEdits(set: string, address: string, timeoutMs: number): readonly string[] {
  const edit = (verb: string, element: string) => `${verb} element ${set} { ${element} }`
  const wholeMs = Math.floor(timeoutMs)
  return [
    edit('add', `${address} timeout 1s`),
    edit('delete', address),
    ...(wholeMs > 0 ? [edit('add', `${address} timeout ${wholeMs}ms`)] : []),
  ]
}

async function ip(what: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return mustWork(what, await runCommand('ip', args, options))
}

function mustWork(what: string, { status, stdout, stderr }: CommandResult): string {
  if (status === 0) return stdout
  if (/not permitted|permission denied/i.test(stderr)) throw permissionError(what)
  throw new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: `vip: ${what}: ${clipDetail(stderr)}`, retryable: true })
}

function understood<Value>(what: string, value: Value | undefined): Value {
  if (value !== undefined) return value
  throw new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: `vip: ${what}: ip prints no JSON; iproute2 5 or later is needed` })
}
