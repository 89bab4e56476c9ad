import type { Gate } from '../gate.ts'
import { BUILD_PACKAGES } from '../gates.ts'
import { runCommand } from '../run-command.ts'

/** Builds, then writes the api.md of each published package. */
export async function updateApiReports(signal: AbortSignal): Promise<boolean> {
  const commands = [BUILD_PACKAGES, ['node', 'tools/gates/src/api-report/cli.ts', '--write']] satisfies Gate['command'][]
  for (const command of commands) {
    const { ok, output } = await runCommand(command, { signal })
    if (output) process.stdout.write(`${output}\n`)
    if (!ok) return false
  }
  return true
}
