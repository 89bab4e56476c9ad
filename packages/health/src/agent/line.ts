/** What an agent says, as far as it says something: HAProxy's `agent-check`. What is not said stays as it is. */
export interface AgentAnswer {
  /** The share of the usual weight: 0.75 for 75 %. A whole percentage reaches HAProxy. */
  readonly weight?: number | undefined
  /** `draining` and `maintenance` last until `ready`. */
  readonly admin?: 'ready' | 'draining' | 'maintenance' | undefined
  /** `down`, `failed` and `stopped` last until `up`; the word is for people, all three mean down. */
  readonly state?: 'up' | 'down' | 'failed' | 'stopped' | undefined
  /** The most connections that the server wants to have. */
  readonly maxConnections?: number | undefined
  /** Why, for people. */
  readonly description?: string | undefined
}

/** An answer, and the words that mean nothing. */
export interface ParsedAgentLine {
  readonly answer: AgentAnswer
  readonly unknown: readonly string[]
}

type Admin = NonNullable<AgentAnswer['admin']>
type State = NonNullable<AgentAnswer['state']>

const WORD_OF_ADMIN: Readonly<Record<Admin, string>> = { ready: 'ready', draining: 'drain', maintenance: 'maint' }
const WORD_OF_STATE: Readonly<Record<State, string>> = { up: 'up', down: 'down', failed: 'fail', stopped: 'stopped' }

const ADMIN_OF_WORD = new Map((['ready', 'draining', 'maintenance'] as const).map((admin) => [WORD_OF_ADMIN[admin], admin]))
const STATE_OF_WORD = new Map((['up', 'down', 'failed', 'stopped'] as const).map((state) => [WORD_OF_STATE[state], state]))

/** HAProxy's largest weight, of a server that has the smallest. */
const MAX_WEIGHT = 256

/** As many as can be read back. */
const MAX_CONNECTIONS = 999_999_999

/** HAProxy holds the line in one small buffer; a longer description helps nobody. */
const MAX_DESCRIPTION_CHARACTERS = 200

/**
 * Reads what stands before the first line break: words in any order and any case, apart by spaces, tabs or commas, and
 * after a `#` a description. Of two words for the same thing the last one holds, as in HAProxy.
 *
 * @returns undefined where no word of the protocol is in it
 */
export function parseAgentLine(line: string): ParsedAgentLine | undefined {
  const [words = '', ...rest] = (line.split(/[\r\n]/, 1)[0] ?? '').split('#')
  const description = rest.join('#').trim()
  const said = words
    .toLowerCase()
    .split(/[ \t,]+/)
    .filter(Boolean)
    .map((word) => ({ word, meaning: readWord(word) }))
  const answer: AgentAnswer = Object.assign({}, ...said.map(({ meaning }) => meaning))
  const unknown = said.flatMap(({ word, meaning }) => (meaning ? [] : [word]))
  if (Object.keys(answer).length === 0) return undefined
  return { answer: description === '' ? answer : { ...answer, description }, unknown }
}

function readWord(word: string): AgentAnswer | undefined {
  const admin = ADMIN_OF_WORD.get(word)
  if (admin !== undefined) return { admin }
  const state = STATE_OF_WORD.get(word)
  if (state !== undefined) return { state }
  const [, percent] = /^(\d{1,5})%$/.exec(word) ?? []
  if (percent !== undefined) return { weight: Math.min(Number(percent) / 100, MAX_WEIGHT) }
  const [, most] = /^maxconn:(\d{1,9})$/.exec(word) ?? []
  return most === undefined ? undefined : { maxConnections: Number(most) }
}

/**
 * Writes an answer as HAProxy reads it, with its line break. An answer that says nothing is an empty line, which changes nothing;
 * what is no number, a share of nothing, says nothing.
 */
export function formatAgentLine({ weight = Number.NaN, admin, state, maxConnections = Number.NaN, description }: AgentAnswer): string {
  const words = [
    ...(Number.isNaN(weight) ? [] : [`${Math.round(within(weight, MAX_WEIGHT) * 100)}%`]),
    ...(Number.isNaN(maxConnections) ? [] : [`maxconn:${Math.round(within(maxConnections, MAX_CONNECTIONS))}`]),
    ...(admin === undefined ? [] : [WORD_OF_ADMIN[admin]]),
    ...(state === undefined ? [] : [WORD_OF_STATE[state]]),
  ]
  // Printable ASCII: the description goes onto HAProxy's stats page and into its log.
  const reason = (description ?? '')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, MAX_DESCRIPTION_CHARACTERS)
  return `${words.join(' ')}${reason === '' ? '' : ` #${reason}`}`.trim() + '\n'
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}
