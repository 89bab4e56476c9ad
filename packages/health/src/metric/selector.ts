import { compilePattern } from '../pattern.ts'
import type { Sample } from './sample.ts'

/** Which series are meant: a name, and what their labels must be. */
export interface Selector {
  readonly name: string
  readonly matches: (sample: Sample) => boolean
}

type Matcher = (labels: Sample['labels']) => boolean

const HEAD = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\}\s*)?$/s
const MATCHER = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/sy

/**
 * Reads a selector as Prometheus writes it: `node_load1`, `up{job="web",instance!~"test-.*"}`. A label that is not there
 * is empty; regular expressions are RE2's and match the whole value.
 *
 * @returns undefined for what is no selector
 */
export function parseSelector(text: string): Selector | undefined {
  const [, name, inner = ''] = HEAD.exec(text) ?? []
  if (name === undefined) return undefined
  const matchers: Matcher[] = []
  let at = 0
  while (inner.slice(at).trim() !== '') {
    MATCHER.lastIndex = at
    const [whole = '', label = '', operator = '', quoted = ''] = MATCHER.exec(inner) ?? []
    const matcher = whole === '' ? undefined : matcherOf(label, operator, quoted)
    if (!matcher) return undefined
    matchers.push(matcher)
    at += whole.length
  }
  return { name, matches: (sample) => sample.name === name && matchers.every((matcher) => matcher(sample.labels)) }
}

function matcherOf(label: string, operator: string, quoted: string): Matcher | undefined {
  const wanted = quoted.replaceAll(/\\(.)/gs, (_whole, character: string) => (character === 'n' ? '\n' : character))
  const negated = operator.startsWith('!')
  if (operator === '=' || operator === '!=') return (labels) => ((labels.get(label) ?? '') === wanted) !== negated
  const pattern = compilePattern(`^(?:${wanted})$`)
  return pattern && ((labels) => (pattern.endOfMatch(labels.get(label) ?? '') !== undefined) !== negated)
}
