import { HotspareError } from '@hotspare/core'
import { ask } from '../linux/ask.ts'
import { type Child, startChild } from '../linux/child.ts'
import { manyTargets } from './load.ts'
import type { ProberAnswer, ProberArguments, ProberQuestion } from './programs/messages.ts'
import type { ProbeCounts, ProbeSite } from './subject.ts'

/** Ten thousand targets take a while to add, and their starts to sum up. */
const ANSWER_WITHIN_MS = 30_000

/** A program of ours that the bench drives. */
export interface NodeProber {
  readonly child: Child
  begin(): Promise<void>
  pause(): Promise<void>
  counts(): Promise<ProbeCounts>
}

interface NodeProberOptions {
  readonly name: string
  readonly script: string
  readonly core: number | undefined
  readonly proberPort?: number | undefined
}

export async function startNodeProber({ name, script, core, proberPort }: NodeProberOptions, site: ProbeSite): Promise<NodeProber> {
  const { load, origin, signal, adopt } = site
  const { port, addresses } = origin
  const given: ProberArguments = { load, origin: { port, addresses }, notesStarts: load === manyTargets, proberPort }
  const child = adopt(
    await startChild({
      name,
      program: process.execPath,
      arguments: ['--conditions=@hotspare/source', script, JSON.stringify(given)],
      core,
      ipc: true,
    }),
  )
  const tell = async (question: ProberQuestion) => {
    const answer = await ask<ProberAnswer>(child, question, { withinMs: ANSWER_WITHIN_MS, signal })
    if (!answer.ok) throw new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message: `bench: ${name}: ${answer.because}` })
    return answer.counts
  }
  return {
    child,
    begin: async () => void (await tell('begin')),
    pause: async () => void (await tell('pause')),
    counts: () => tell('counts'),
  }
}
