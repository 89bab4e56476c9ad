/** One line of a reply: what kind it is, by BIRD's number, and its text. */
export interface BirdLine {
  readonly code: number
  readonly text: string
}

/** What BIRD answers to one command. */
export interface BirdReply {
  /** Of its last line: below 8000 it went well, 8xxx is a refusal at run time, 9xxx a mistake in the command. */
  readonly code: number
  /** All of its lines, the last one included. */
  readonly lines: readonly BirdLine[]
}

/** What of a reply has arrived so far. */
export interface BirdReading {
  /** The beginning of a line. */
  readonly rest: string
  readonly lines: readonly BirdLine[]
  /** Of the lines so far. */
  readonly characters: number
}

export const NOTHING_READ: BirdReading = Object.freeze({ rest: '', lines: Object.freeze([]), characters: 0 })

/** What came out of a chunk; `problem`: this is no control socket of BIRD's, or it says too much. */
export interface BirdStep {
  readonly reading: BirdReading
  readonly replies: readonly BirdReply[]
  readonly problem?: string | undefined
}

/**
 * Reads on in what BIRD's control socket sends: `1002-text` goes on, ` text` goes on with the number of the line before, and
 * `0000 text` ends a reply; `+text` belongs to none (BIRD Programmer's Documentation, "Command line interface").
 *
 * @param chunk in UTF-8, decoded; may end anywhere
 * @param mostCharacters of one reply
 */
export function readBird(reading: BirdReading, chunk: string, mostCharacters: number): BirdStep {
  const parts = (reading.rest + chunk).split('\n')
  const rest = parts.pop() ?? ''
  const replies: BirdReply[] = []
  let lines = [...reading.lines]
  let { characters } = reading
  for (const part of parts) {
    characters += part.length + 1
    const line = readLine(part, lines.at(-1)?.code)
    if (!line || characters > mostCharacters) return broken(line ? tooMuch(mostCharacters) : 'it does not speak as BIRD does')
    if (line.type === 'aside') continue
    lines.push({ code: line.code, text: line.text })
    if (line.type === 'more') continue
    replies.push({ code: line.code, lines })
    lines = []
    characters = 0
  }
  if (characters + rest.length > mostCharacters) return broken(tooMuch(mostCharacters))
  return { reading: { rest, lines, characters }, replies }

  function broken(problem: string): BirdStep {
    return { reading: NOTHING_READ, replies, problem }
  }
}

type ReadLine = { readonly type: 'more' | 'last'; readonly code: number; readonly text: string } | { readonly type: 'aside' }

function readLine(line: string, codeBefore: number | undefined): ReadLine | undefined {
  if (line.startsWith('+')) return { type: 'aside' }
  if (line.startsWith(' ')) return codeBefore === undefined ? undefined : { type: 'more', code: codeBefore, text: line.slice(1) }
  const match = /^(\d{4})([ -])(.*)$/.exec(line)
  if (!match) return undefined
  return { type: match[2] === '-' ? 'more' : 'last', code: Number(match[1]), text: match[3] ?? '' }
}

function tooMuch(mostCharacters: number): string {
  return `it answers with more than ${mostCharacters} characters`
}
