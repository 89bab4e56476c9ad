import { formatDuration } from '@hotspare/core'
import { liftWord, type PeopleWord, peopleFile, readWord, setWord } from '../cluster/people-files.ts'
import { loadConfig } from '../config/load.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine, usageError } from './context.ts'

export interface WordOptions {
  readonly config: string
  readonly because?: string | undefined
  readonly json?: boolean | undefined
}

const MEANING: Readonly<Record<PeopleWord, { readonly set: string; readonly lifted: string }>> = {
  hold: { set: 'automation is off, on every node that can hear this one', lifted: 'automation is on again, unless another node is held' },
  maintenance: { set: 'its services move away where another node can take them', lifted: 'it may have services again' },
}

/**
 * `hotspare hold|maintenance set|lift|show`: by the file in the state folder, so that it works with and without a daemon,
 * and outlives both.
 */
export async function word(
  which: PeopleWord,
  action: 'set' | 'lift' | 'show',
  options: WordOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { env, hostname, signal } = context
  const { config } = await loadConfig(options.config, { env, hostname, signal })
  if (!config.cluster) throw usageError(`${options.config} has no cluster: there is nothing to hold`)
  const { state } = config.cluster
  if (action === 'set') await setWord(state, which, options.because ?? '')
  const was = action === 'lift' ? await liftWord(state, which) : undefined
  const spoken = await readWord(state, which)
  if (options.json) printJson(context, { node: config.node, word: which, file: peopleFile(state, which), spoken: spoken ?? null, was })
  else printLine(context, sentence())
  return exitCodes.done

  function sentence(): string {
    const { node } = config
    if (spoken) {
      const since = spoken.since === 0 ? '' : ` for ${formatDuration(Math.max(0, Math.round((Date.now() - spoken.since) / 1_000) * 1_000))}`
      return `${which} on ${node}${since}: ${spoken.because}; ${MEANING[which].set} (${peopleFile(state, which)})`
    }
    return was === false || action === 'show' ? `no ${which} on ${node}` : `${which} on ${node} was taken back: ${MEANING[which].lifted}`
  }
}
