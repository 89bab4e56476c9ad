import { systemClock } from '@hotspare/core'
import { runFailover } from '../demo/failover.ts'
import { RESTART_AFTER_MS } from '../demo/origins.ts'
import { DEMO_NAME, type Stack, startStack } from '../demo/stack.ts'
import { formatReport, isMet } from '../scenario/report.ts'
import { TimelineFollower } from '../scenario/follower.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine, untilAsked } from './context.ts'
import { createProgress } from './progress.ts'

export interface DemoOptions {
  readonly once?: boolean | undefined
  readonly json?: boolean | undefined
  readonly proxyPort: string
  readonly apiPort: string
  readonly dnsPort: string
}

/** `hotspare demo`: the embedded stack on loopback, to look at or, with `--once`, to see fail over. */
export async function demo(options: DemoOptions, context: CommandContext): Promise<ExitCode> {
  const say = (text: string) => void context.stderr.write(`${text}\n`)
  say('starting three origins, the daemon and the sinks for its alerts ...')
  const stack = await startStack({
    proxyPort: Number(options.proxyPort),
    apiPort: Number(options.apiPort),
    dnsPort: Number(options.dnsPort),
    restartOrigins: !options.once,
    onNote: options.once ? undefined : (text) => printLine(context, `${clockTime(Date.now())}  ${text}`),
  })
  try {
    return options.once ? await demonstrate(stack, options, context) : await present(stack, context)
  } finally {
    await stack.close()
  }
}

async function demonstrate(stack: Stack, options: DemoOptions, context: CommandContext): Promise<ExitCode> {
  const progress = createProgress(context.stderr)
  const report = await runFailover(stack, {
    onStep: (title) => progress.step(title),
    onLoad: (load) => progress.show(() => `${load.sent} requests sent, ${load.failed} failed`),
    signal: context.signal,
  }).finally(() => progress.end())
  if (options.json) printJson(context, report)
  else printLine(context, formatReport(report))
  return isMet(report) ? exitCodes.done : exitCodes.failed
}

async function present(stack: Stack, context: CommandContext): Promise<ExitCode> {
  const { origins, siteUrl, apiUrl, dnsServer, sinks, folder } = stack
  const [dnsHost, dnsPort] = dnsServer.split(':')
  const [first, second, third] = origins
  printLine(
    context,
    [
      '',
      `  site      ${siteUrl}/`,
      `  API       ${apiUrl}/api/v1/status`,
      `  metrics   ${apiUrl}/metrics`,
      `  DNS       ${dnsServer}, by UDP and TCP: ${DEMO_NAME} answers with the origins that are up`,
      `  mail      ${sinks.mailUrl}, webhook ${sinks.webhookUrl}: what arrives is shown below`,
      `  files     ${folder}: hotspare.yaml, daemon.log`,
      ...origins.map(({ name, url, pid }) => `  origin ${name}  ${url}, process ${pid}, target shop/${name}`),
      '',
      `Try, in another terminal, while this runs in a third:  while curl -sf ${siteUrl}/ | head -1; do sleep 0.2; done`,
      `  kill -9 ${first?.pid}                     the origin dies; it comes back after ${RESTART_AFTER_MS / 1_000} s`,
      `  kill -STOP ${second?.pid}; sleep 5; kill -CONT ${second?.pid}`,
      `  dig +short -p ${dnsPort} @${dnsHost} ${DEMO_NAME}      before and after`,
      `  npm run hotspare -- status`,
      `  npm run hotspare -- explain shop/${first?.name}`,
      `  npm run hotspare -- drain shop/${third?.name}        and with --undo`,
      'Ctrl-C ends it all.',
      '',
    ].join('\n'),
  )
  const follower = new TimelineFollower({ clock: systemClock })
  follower.follow(stack.client, ({ at, text }) => printLine(context, `${clockTime(at)}  ${text}`))
  await untilAsked(context.signal)
  await follower.stop()
  return exitCodes.done
}

function clockTime(at: number): string {
  return new Date(at).toISOString().slice(11, 23)
}
