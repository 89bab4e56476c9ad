import { hostname } from 'node:os'
import { isatty } from 'node:tty'
import { Argument, Command, CommanderError, Option } from 'commander'
import { errorCode } from '@hotspare/core'
import type { CalibrateCommandOptions } from './commands/calibrate.ts'
import type { CheckOptions } from './commands/check.ts'
import { type CommandContext, type ExitCode, exitCodeOf, failureText, exitCodes, type RemoteOptions } from './commands/context.ts'
import type { DemoOptions } from './commands/demo.ts'
import type { DnsAction, DnsCommandOptions } from './commands/dns.ts'
import type { ExplainOptions } from './commands/explain.ts'
import type { FenceOptions } from './commands/fence.ts'
import type { DrainOptions } from './commands/drain.ts'
import type { LabOptions } from './commands/lab.ts'
import type { MaintenanceOptions } from './commands/maintenance.ts'
import type { ReportOptions } from './commands/report.ts'
import type { ShadowOptions } from './commands/shadow.ts'
import { meaningOfSignal } from './signals.ts'
import { readVersion } from './version.ts'

const stop = new AbortController()
let firstSignalMs: number | undefined
let hangup: (() => void) | undefined
const hadTerminal = isatty(1)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A terminal that was closed has sent it: that one is none any more.
    if (signal === 'SIGHUP' && hangup && !(hadTerminal && !isatty(1))) return hangup()
    const nowMs = performance.now()
    const meaning = meaningOfSignal(firstSignalMs, nowMs)
    firstSignalMs ??= nowMs
    if (meaning === 'end') process.exit(exitCodes.failed)
    if (meaning === 'drain') stop.abort(signal)
  })
}

// Set for the children of the demo, which must not outlive it.
if (process.env['HOTSPARE_END_WITH_PARENT'] === '1') {
  process.once('disconnect', () => stop.abort('the parent process has ended'))
  process.channel?.unref()
}
// Whoever reads our output may stop early: `hotspare timeline | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (errorCode(error) !== 'EPIPE') throw error
  })
}

const context: CommandContext = {
  env: process.env,
  hostname: hostname(),
  version: readVersion(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
  onHangup(listener) {
    hangup = listener
  },
}

const program = new Command('hotspare')
  .description('Keeps a site up when a server or a process dies.')
  .version(context.version)
  .exitOverride()
  .showSuggestionAfterError()
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 usage or configuration.')

const configOption = new Option('-c, --config <file>', 'the configuration').default('hotspare.yaml').env('HOTSPARE_CONFIG')
const jsonOption = new Option('--json', 'print data instead of text')
const urlOption = new Option('--url <url>', 'where the daemon listens').default('http://127.0.0.1:7400').env('HOTSPARE_URL')
const tokenOption = new Option('--token <token>', 'what the API asks for; better in the environment').env('HOTSPARE_TOKEN')
const siteOption = new Option('--site <site>', 'all nodes of this site')
const forceOption = new Option('--force', 'though the others could not carry what leaves')

// Each command is loaded when it is called: `--help` is quick, and `status` does not start a proxy.
program
  .command('run')
  .description('run the daemon until SIGTERM or Ctrl-C, which drain it')
  .addOption(configOption)
  .addHelpText('after', '\nExample: hotspare run -c hotspare.yaml')
  .action(async (options: { config: string }) => finish((await import('./commands/run.ts')).run(options, context)))

program
  .command('check')
  .description('read the configuration, say what is wrong, or what it means')
  .option('--matrix', 'say what each single failure would do to each service: computed from the file, and simulated')
  .option('--phases <count>', 'with --matrix: how often each failure is simulated; default: 20, and fewer for a large file')
  .addOption(configOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare check -c hotspare.yaml\nExample: hotspare check --matrix')
  .action(async (options: CheckOptions) => finish((await import('./commands/check.ts')).check(options, context)))

program
  .command('schema')
  .description('print the JSON Schema of the configuration, for editors')
  .addHelpText('after', '\nExample: hotspare schema > hotspare.schema.json')
  .action(async () => finish((await import('./commands/schema.ts')).schema(context)))

program
  .command('status')
  .description('show what the daemon believes; exit 1 if it is not ready')
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare status --json | jq .pools')
  .action(async (options: { url: string; token?: string; json?: boolean }) =>
    finish((await import('./commands/status.ts')).status(options, context)),
  )

program
  .command('calibrate')
  .description('choose interval and timeout of the heartbeat for a promise, by what the daemon has measured; exit 1 if it cannot be kept')
  .requiredOption('--detect <time>', 'the longest time until a dead node is noticed, like 1s')
  .requiredOption('--false-alarms <count>', 'how often a node that is alive may be taken for dead, like 1/year or 2/month')
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare calibrate --detect 1s --false-alarms 1/year')
  .action(async (options: CalibrateCommandOptions) =>
    finish((await import('./commands/calibrate.ts')).calibrateHeartbeat(options, context)),
  )

program
  .command('explain')
  .description(
    'say why a target, a check or a service is in its state, and what would change it; or where the requests of a pool go, and why',
  )
  .argument('<name>', 'the id of a target (pool/name), or the name of a check, a service or a pool')
  .option('--key <key>', 'where a request with this key goes, in a pool that balances by keys')
  .option('--pool', 'the name is that of a pool, though a check or a service may have it too')
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare explain shop/10.0.0.11:8080\nExample: hotspare explain shop --key alice')
  .action(async (name: string, options: ExplainOptions) =>
    finish((await import('./commands/explain.ts')).explainName(name, options, context)),
  )

program
  .command('report')
  .description('say how a job went, to the check that waits for it')
  .argument('<check>', 'a check of type push')
  .option('--ok', 'it went well')
  .option('--degraded', 'it went, and not as it should')
  .option('--fail', 'it failed')
  .option('--detail <text>', 'one clause for people')
  .option(
    '--measure <name=number>',
    'what the job measured, as often as needed: rows-count=312',
    (text: string, all: string[]) => [...all, text],
    [],
  )
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare report backup --ok --detail "312 rows" --measure rows-count=312')
  .action(async (check: string, options: ReportOptions) => finish((await import('./commands/report.ts')).report(check, options, context)))

program
  .command('drain')
  .description('give a target no new requests, those under way finish; or want no services at a whole site')
  .argument('[target]', 'its id, pool/name')
  .addOption(siteOption)
  .option('--undo', 'take the drain back')
  .option('--because <reason>', 'of a site: why; people will read it')
  .addOption(forceOption)
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare drain shop/10.0.0.11:8080\nExample: hotspare drain --site fra --because "power works"')
  .action(async (target: string | undefined, options: DrainOptions) =>
    finish((await import('./commands/drain.ts')).drain(target, options, context)),
  )

program
  .command('reload')
  .description('have the daemon read its file anew and follow it, without losing a request; a file with errors changes nothing')
  .option('--restart', 'replace control and worker though nothing in the file has changed, as after an upgrade')
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare reload')
  .action(async (options: { url: string; token?: string; json?: boolean; restart?: boolean }) =>
    finish((await import('./commands/reload.ts')).reload(options, context)),
  )

const toOption = new Option('--to <node>', 'the member that gets it; default: the best candidate')

interface MoveCommandLine {
  readonly url: string
  readonly token?: string
  readonly json?: boolean
  readonly to?: string
  readonly force?: boolean
}

for (const [type, description, example] of [
  ['switchover', 'move a service from the active node, which works, to another one', 'hotspare switchover shop-entry --to web-2'],
  ['failover', 'have a service taken over from a node that is dead or does not answer', 'hotspare failover shop-entry --to web-2'],
] as const) {
  const command = program
    .command(type)
    .description(description)
    .argument('<service>')
    .addOption(toOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addOption(jsonOption)
    .addHelpText('after', `\nExample: ${example}`)
    .action(async (service: string, options: MoveCommandLine) =>
      finish((await import('./commands/move.ts')).move(type, service, options, context)),
    )
  // What nobody has is taken, whatever is too much for whom.
  if (type === 'switchover') command.addOption(forceOption)
}

program
  .command('plan')
  .description('show what a switchover of a service would do, and who could be active; exit 1 if there is no plan')
  .argument('<service>')
  .addOption(toOption)
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare plan shop-entry')
  .action(async (service: string, options: MoveCommandLine) => finish((await import('./commands/plan.ts')).plan(service, options, context)))

program
  .command('runbook')
  .description('print what people do by hand, from the file alone; by default for a node that is dead')
  .argument('<service>')
  .option('--from <node>', 'the member that has it, or had it; default: the first')
  .option('--to <node>', 'the member that gets it; default: the next')
  .option('--planned', 'both are well, and people want it elsewhere')
  .addOption(configOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare runbook shop-entry --from web-1 --to web-2 > runbook.md')
  .action(async (service: string, options: { config: string; from?: string; to?: string; planned?: boolean; json?: boolean }) =>
    finish((await import('./commands/runbook.ts')).runbook(service, options, context)),
  )

program
  .command('hold')
  .description('switch automation off on every node, until it is lifted; works without a daemon')
  .addArgument(new Argument('<action>').choices(['set', 'lift', 'show']))
  .option('--because <reason>', 'why; people will read it')
  .addOption(configOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare hold set --because "new switch in rack 4"')
  .action(async (action: 'set' | 'lift' | 'show', options: { config: string; because?: string; json?: boolean }) =>
    finish((await import('./commands/word.ts')).word('hold', action, options, context)),
  )

program
  .command('fence')
  .description('ask the devices that switch other nodes off; or say that a node is off, where no device can')
  .addArgument(new Argument('<action>').choices(['status', 'confirm']))
  .argument('[node]', 'confirm: the node that is off; status: this one alone')
  .option('--because <reason>', 'confirm: how you know; people will read it')
  .addOption(configOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare fence status\nExample: hotspare fence confirm web-1 --because "I have pulled both cables"')
  .action(async (action: 'status' | 'confirm', node: string | undefined, options: FenceOptions) =>
    finish((await import('./commands/fence.ts')).fence(action, node, options, context)),
  )

program
  .command('maintenance')
  .description(
    'give the clients of a pool a page that says so; or want no service on this node, until it is lifted, which works without a daemon; or on any node of a site',
  )
  .argument('[what]', 'a pool; of this node: set, lift or show; of a site: set or lift')
  .argument('[state]', 'of a pool: on or off')
  .option('--for <duration>', 'of a pool: when it ends by itself, like 30m')
  .addOption(siteOption)
  .addOption(forceOption)
  .option('--because <reason>', 'why; people will read it')
  .addOption(configOption)
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText(
    'after',
    '\nExample: hotspare maintenance shop on --for 30m\nExample: hotspare maintenance set --because "new switch in rack 4"\nExample: hotspare maintenance --site fra --because "power works"\nExample: hotspare maintenance lift --site fra',
  )
  .action(async (what: string | undefined, state: string | undefined, options: MaintenanceOptions) =>
    finish((await import('./commands/maintenance.ts')).maintenance(what, state, options, context)),
  )

program
  .command('witness')
  .description('keep leases for other nodes, until SIGTERM or Ctrl-C')
  .addOption(configOption)
  .addHelpText('after', '\nExample: hotspare witness -c witness.yaml')
  .action(async (options: { config: string }) => finish((await import('./commands/witness.ts')).witness(options, context)))

program
  .command('dns')
  .description(
    'the records of the file at those who keep them. Without a daemon, plan: what is there, and what would be; apply: makes those that are missing; verify: whether all name servers answer with them; doctor: what would make a failover fail or slow. With one, force: has it let a change through that it has refused, as it is too much at once',
  )
  .addArgument(new Argument('<action>').choices(['plan', 'apply', 'verify', 'doctor', 'force']))
  .option('--write', 'doctor: also writes a TXT record at _hotspare-doctor of each zone, and removes it')
  .option('--force', 'apply: also replaces what is there')
  .addOption(configOption)
  .addOption(urlOption)
  .addOption(tokenOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: hotspare dns plan -c hotspare.yaml\nExample: hotspare dns doctor --write')
  .action(async (action: DnsAction | 'force', options: DnsCommandOptions & RemoteOptions) =>
    finish(
      action === 'force'
        ? (await import('./commands/dns/force.ts')).force(options, context)
        : (await import('./commands/dns.ts')).dns(action, options, context),
    ),
  )

program
  .command('lab')
  .description(
    'rehearse the failures of this file in network namespaces of this machine, with real daemons; exit 1 if one went beyond what check --matrix foretells. Needs Linux and root',
  )
  .option('--service <name>', 'the service that is watched; default: the first with a virtual address')
  .option('--failures <kinds>', 'which, separated by commas: power,link-cut; default: all that namespaces can bring about')
  .addOption(configOption)
  .addOption(jsonOption)
  .addHelpText('after', '\nExample: sudo hotspare lab -c hotspare.yaml\nExample: sudo hotspare lab --failures power,arbiter-dead')
  .action(async (options: LabOptions) => finish((await import('./commands/lab.ts')).lab(options, context)))

program
  .command('shadow')
  .description(
    'watch a live keepalived without touching it, and report what it did and what Hotspare would have done; or print such a report',
  )
  .option('--keepalived <file>', 'its configuration', '/etc/keepalived/keepalived.conf')
  .option('--config-id <name>', 'what lines with @ are for, as -i of keepalived; default: the name of this host')
  .option('--interface <name>', 'where to listen, if not on the interfaces of the file')
  .option('--check <url>', 'what tells whether an address serves: tcp://:80 or http://:80/path; default: whether anybody answers for it')
  .option('--probe-every <duration>', 'how often the addresses are asked for, and checked', '500ms')
  .option('--ttl <duration>', 'of the lease that Hotspare would have', '2s')
  .option('--for <duration>', 'how long to watch, like 7d; default: until SIGTERM or Ctrl-C')
  .option('--out <name>', 'where the report goes: NAME.json and NAME.html; a report that is there goes on', 'hotspare-shadow')
  .option('--report <file>', 'print the HTML of a report in JSON, and watch nothing')
  .addHelpText(
    'after',
    '\nExample: hotspare shadow --keepalived /etc/keepalived/keepalived.conf --check tcp://:80 --for 7d\nExample: hotspare shadow --report hotspare-shadow.json > report.html',
  )
  .action(async (options: ShadowOptions) => finish((await import('./commands/shadow.ts')).shadow(options, context)))

program
  .command('demo')
  .description('run three origins, a proxy in front, a DNS server, and sinks for alerts, all on loopback')
  .option('--once', 'drive failures under load, print a report, and exit')
  .option('--json', 'with --once: print the report as data')
  .option('--proxy-port <port>', 'where the proxy listens; 0 takes a free port', '8080')
  .option('--api-port <port>', 'where the API listens; 0 takes a free port', '7400')
  .option('--dns-port <port>', 'where the DNS server listens; 0 takes a free port', '7453')
  .addHelpText('after', '\nExample: hotspare demo --once')
  .action(async (options: DemoOptions) => finish((await import('./commands/demo.ts')).demo(options, context)))

program
  .command('demo-origin', { hidden: true })
  .requiredOption('--name <name>')
  .requiredOption('--port <port>')
  .action(async (options: { name: string; port: string }) => finish((await import('./demo/origin.ts')).serveOrigin(options, context)))

async function finish(work: Promise<ExitCode> | ExitCode): Promise<void> {
  process.exitCode = await work
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  else {
    process.stderr.write(`${failureText(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
