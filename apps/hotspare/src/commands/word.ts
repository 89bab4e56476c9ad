import { HotspareError } from '@hotspare/core'
import { liftWord, type PeopleWord, peopleFile, readWord, setWord } from '../cluster/people-files.ts'
import type { Config } from '../config/config.ts'
import { defaults } from '../config/defaults.ts'
import { loadConfig } from '../config/load.ts'
import { age } from './age.ts'
import {
  clientFor,
  type CommandContext,
  type ExitCode,
  exitCodes,
  printJson,
  printLine,
  type RemoteOptions,
  usageError,
} from './context.ts'

export interface WordOptions {
  readonly config: string
  readonly because?: string | undefined
  readonly json?: boolean | undefined
}

export interface WordRemote extends RemoteOptions {
  readonly force?: boolean | undefined
}

const MEANING: Readonly<Record<PeopleWord, { readonly set: string; readonly lifted: string }>> = {
  hold: { set: 'automation is off, on every node that can hear this one', lifted: 'automation is on again, unless another node is held' },
  maintenance: { set: 'its services move away where another node can take them', lifted: 'it may have services again' },
}

/**
 * `hotspare hold|maintenance set|lift|show`: by the file in the state folder, so that it works with and without a daemon,
 * and outlives both.
 *
 * @param remote a daemon that is asked first, where it answers and the file weighs services: it refuses what the others could not carry
 */
export async function word(
  which: PeopleWord,
  action: 'set' | 'lift' | 'show',
  options: WordOptions,
  context: CommandContext,
  remote?: WordRemote,
): Promise<ExitCode> {
  const config = await configFor(which, action, options, context)
  if (!config.cluster) throw usageError(`${options.config} has no cluster: there is nothing to hold`)
  const { state } = config.cluster
  const because = options.because?.trim() ?? ''
  if (action === 'set' && remote && weighs(config)) await askFirst(which, because, remote, context)
  if (action === 'set') await setWord(state, which, because)
  // Whoever is in a hurry is not held up; who comes later wants to know.
  if (action === 'set' && because === '') context.stderr.write('no reason was given: say it again with --because "..." for the others\n')
  const was = action === 'lift' ? await liftWord(state, which) : undefined
  const spoken = await readWord(state, which)
  if (options.json) printJson(context, { node: config.node, word: which, file: peopleFile(state, which), spoken: spoken ?? null, was })
  else printLine(context, sentence())
  return exitCodes.done

  function sentence(): string {
    const { node } = config
    if (spoken) {
      const hasLasted = spoken.since > 0 && Date.now() - spoken.since >= 1_000
      const since = hasLasted ? ` for ${age(spoken.since, Date.now())}` : ''
      return `${which} on ${node}${since}: ${spoken.because}; ${MEANING[which].set} (${peopleFile(state, which)})`
    }
    if (was === false || action === 'show') return `no ${which} on ${node}; \`hotspare status\` names the nodes that have one`
    return `${which} on ${node} was taken back: ${MEANING[which].lifted}`
  }
}

function weighs({ cluster, services }: Config): boolean {
  return cluster?.nodes.some(({ capacity }) => capacity !== undefined) === true && services.some(({ load }) => load !== undefined)
}

/** A daemon that does not answer refuses nothing: the word counts without it. */
async function askFirst(which: PeopleWord, because: string, remote: WordRemote, { signal, stderr }: CommandContext): Promise<void> {
  try {
    await clientFor(remote).setWord(which, because === '' ? 'no reason was given' : because, { force: remote.force, signal })
  } catch (error) {
    if (!HotspareError.is(error) || error.code !== 'HOTSPARE_API_UNREACHABLE') throw error
    stderr.write('no daemon answers, so nobody has looked whether the others could carry it\n')
  }
}

/** What stops automation must not depend on a file that is in order, or on secrets that this terminal does not have. */
async function configFor(
  which: PeopleWord,
  action: 'set' | 'lift' | 'show',
  { config: file }: WordOptions,
  { env, hostname, signal }: CommandContext,
): Promise<Config> {
  try {
    return (await loadConfig(file, { env, hostname, signal })).config
  } catch (error) {
    if (!HotspareError.is(error) || action === 'show') throw error
    const path = peopleFile(defaults.cluster.state, which)
    const byHand = action === 'set' ? `echo "why" > ${path}` : `rm ${path}`
    const message = `${error.message}\nby hand, without that file: ${byHand} (its folder is \`cluster.state\`)`
    throw new HotspareError({ code: error.code, message, cause: error })
  }
}
