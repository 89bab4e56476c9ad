import { followDefaults, keepalivedDefaults } from '../defaults.ts'
import { readBlocks, type Statement } from './blocks.ts'
import { expand, type IncludeReader, type Problem, type SourceText } from './expand.ts'
import { type InstanceDefaults, readInstance, type Reporter } from './instance.ts'
import type { KeepalivedConfig, KeepalivedInstance, KeepalivedScript, Unread } from './model.ts'
import { timerMs, wholeNumber } from './values.ts'

export interface ParseOptions {
  /** What `@name` is compared with: keepalived's `-i`, or the first part of the host's name. Default: none */
  readonly configId?: string | undefined
  /** Finds the files of an `include`. Default: there are none */
  readonly read?: IncludeReader | undefined
}

/**
 * Reads what concerns virtual routers in a configuration of keepalived 1.3 to 2.4. Nothing is fatal: what is wrong or not understood is
 * told of with its place, and the rest is read.
 *
 * @returns the instances, what is wrong, and what was not understood; never a password
 */
export function parseKeepalived(source: SourceText, options: ParseOptions = {}): KeepalivedConfig {
  const { lines, problems: ofLines } = expand(source, options.configId ?? '', options.read ?? (() => []))
  const { statements, problems: ofBlocks } = readBlocks(lines)
  const problems: Problem[] = [...ofLines, ...ofBlocks]
  const unread = new Map<string, Unread>()
  const report: Reporter = {
    problem({ file, line }, message) {
      if (problems.length < keepalivedDefaults.maxTold) problems.push({ file, line, message })
    },
    unread({ file, line }, keyword) {
      // What is no keyword may be anything, and is not repeated.
      const shown = /^[a-z]\w{1,39}$/iu.test(keyword) ? keyword : 'something that is no keyword'
      const known = unread.get(shown)
      if (known) unread.set(shown, { ...known, count: known.count + 1 })
      else if (unread.size < keepalivedDefaults.maxTold) unread.set(shown, { file, line, keyword: shown, count: 1 })
    },
  }

  const top = new Map<string, Statement[]>()
  for (const statement of statements) {
    const keyword = statement.words[0] ?? ''
    const same = top.get(keyword)
    if (same) same.push(statement)
    else top.set(keyword, [statement])
    if (!KNOWN_AT_TOP.has(keyword)) report.unread(statement, keyword)
  }
  const globals = (top.get('global_defs') ?? []).flatMap(({ block = [] }) => block)
  const global = (keyword: string) => globals.findLast(({ words }) => words[0] === keyword)?.words[1]
  const defaults: InstanceDefaults = {
    version: global('vrrp_version') === '3' ? 3 : 2,
    downAdverts: wholeNumber(global('vrrp_down_timer_adverts'), 1, 100) ?? followDefaults.downAdverts,
    interface: global('default_interface'),
  }
  const syncGroups = (top.get('vrrp_sync_group') ?? []).map(readSyncGroup)
  const instances = (top.get('vrrp_instance') ?? []).map((statement): KeepalivedInstance => {
    const instance = readInstance(statement, defaults, report)
    return { ...instance, syncGroup: syncGroups.find(({ members }) => members.includes(instance.name))?.name }
  })
  tellOfTwins(instances, (file, line, message) => report.problem({ file, line, words: [], block: undefined }, message))
  return {
    routerName: global('router_id'),
    instances,
    scripts: [...(top.get('vrrp_script') ?? []), ...(top.get('vrrp_track_script') ?? [])].map(readScript),
    syncGroups,
    problems: problems.slice(0, keepalivedDefaults.maxTold),
    unread: [...unread.values()],
  }
}

/** What is read, and what is no concern of virtual routers: virtual servers and their checks, addresses and routes that never move. */
const KNOWN_AT_TOP: ReadonlySet<string> = new Set([
  'global_defs',
  'vrrp_instance',
  'vrrp_sync_group',
  'vrrp_script',
  'vrrp_track_script',
  'vrrp_track_file',
  'track_file',
  'vrrp_track_process',
  'track_process',
  'track_group',
  'virtual_server',
  'virtual_server_group',
  'SSL',
  'bfd_instance',
  'static_ipaddress',
  'static_routes',
  'static_rules',
  'linkbeat_interfaces',
  'interface_up_down_delays',
  'net_namespace',
  'instance',
])

function readSyncGroup({ words, block = [] }: Statement): { readonly name: string; readonly members: readonly string[] } {
  const members = block
    .filter((each) => each.words[0] === 'group')
    .flatMap((each) => (each.block ?? []).flatMap((member) => member.words[0] ?? []))
  return { name: words[1] ?? '', members }
}

function readScript({ words, file, line, block = [] }: Statement): KeepalivedScript {
  const value = (keyword: string) => block.findLast((each) => each.words[0] === keyword)?.words[1]
  return {
    file,
    line,
    name: words[1] ?? '',
    intervalMs: timerMs(value('interval')) ?? 1_000,
    weight: wholeNumber(value('weight'), -253, 253) ?? 0,
  }
}

function tellOfTwins(instances: readonly KeepalivedInstance[], tell: (file: string, line: number, message: string) => void): void {
  const seen = new Map<string, KeepalivedInstance>()
  for (const instance of instances) {
    const { routerId, family, interface: link, name, file, line, unicastPeers } = instance
    // Unicast peers that differ make different routers of one number.
    if (routerId === undefined || unicastPeers.length > 0) continue
    const key = `${link ?? ''} ${routerId} ${family}`
    const twin = seen.get(key)
    if (twin) tell(file, line, `${name} has the virtual_router_id of ${twin.name} on the same interface`)
    else seen.set(key, instance)
  }
}
