import { join } from 'node:path'
import type { Gate, GateOutcome } from './gate.ts'
import type { Progress } from './progress.ts'
import { toolchain } from './root.ts'
import { runCommand, type CommandOptions, type CommandResult } from './run-command.ts'
import { nextGates } from './schedule.ts'

/** The tools use more than one core each; more than two of them only wait for each other. */
const AT_A_TIME = 2

export type RunCommand = (command: readonly [string, ...string[]], options: CommandOptions) => Promise<CommandResult>

/** Runs every gate and tells `progress` as it goes. */
export async function runGates(
  gates: readonly Gate[],
  progress: Progress,
  signal: AbortSignal,
  run: RunCommand = runCommand,
): Promise<ReadonlyMap<string, GateOutcome>> {
  const environment = {
    ...process.env,
    // They write to a pipe and do not see the terminal behind it.
    ...(process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? { FORCE_COLOR: '1' } : {}),
    // Some of the tools cache their compiled code, by default in a folder that all users of the machine share.
    NODE_COMPILE_CACHE: join(toolchain, 'compile-cache'),
  }
  const outcomes = new Map<string, GateOutcome>()
  const running = new Map<string, Promise<void>>()
  const settle = (gate: Gate, outcome: GateOutcome) => {
    outcomes.set(gate.name, outcome)
    progress.ended(gate, outcome)
  }
  const start = async (gate: Gate) => {
    progress.started(gate)
    const result = await run(gate.command, { timeoutMs: gate.timeoutMs, signal, env: environment })
    const { seconds, reason, output } = result
    running.delete(gate.name)
    settle(gate, result.ok ? { state: 'passed', seconds } : { state: 'failed', seconds, reason, output })
  }
  while (outcomes.size < gates.length) {
    const next = nextGates(gates, new Set(running.keys()), outcomes, AT_A_TIME)
    for (const { gate, because } of next.skip) settle(gate, { state: 'skipped', because })
    if (signal.aborted) break
    for (const gate of next.start) running.set(gate.name, start(gate))
    if (running.size === 0 && next.skip.length === 0 && outcomes.size < gates.length)
      throw new Error('gates that need each other in a circle')
    await Promise.race(running.values())
  }
  await Promise.all(running.values())
  return outcomes
}
