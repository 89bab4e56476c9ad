import { fileURLToPath } from 'node:url'
import { ask } from '../linux/ask.ts'
import { type Child, startChild } from '../linux/child.ts'

const PROGRAM = fileURLToPath(new URL('programs/verdicts.ts', import.meta.url))
const ANSWER_WITHIN_MS = 60_000

export interface VerdictTask {
  /** How long the monitor looks. */
  readonly lookMs: number
}

export interface VerdictAnswer {
  /** The pure machine on one result. */
  readonly nanosPerStep: number
  /** CPU time of a look whose probe answers at once: schedule, deadline, doubt, history, verdict, event. */
  readonly microsPerLook: number
  readonly transitions: number
}

/** @returns what a verdict cost in each round; one more round comes before them, to warm up */
export async function measureVerdicts(
  { rounds, lookMs }: { readonly rounds: number; readonly lookMs: number },
  { core, signal, adopt }: { readonly core: number | undefined; readonly signal: AbortSignal; readonly adopt: (child: Child) => Child },
): Promise<readonly VerdictAnswer[]> {
  const given = ['--conditions=@hotspare/source', PROGRAM]
  const child = adopt(await startChild({ name: 'verdicts', program: process.execPath, arguments: given, core, ipc: true }))
  const answers: VerdictAnswer[] = []
  const task: VerdictTask = { lookMs }
  for (let round = 0; round <= rounds; round++) answers.push(await ask(child, task, { withinMs: ANSWER_WITHIN_MS, signal }))
  await child.stop()
  return answers.slice(1)
}
