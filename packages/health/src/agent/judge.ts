import { failed, type Finding, passed, type Remarks } from '../failure.ts'
import type { AgentAnswer } from './line.ts'

/** What holds after an answer: what it does not mention stays as it was, except the description, which belongs to its line. */
export function follow(known: AgentAnswer, { description, ...said }: AgentAnswer): AgentAnswer {
  const { description: _old, ...lasting } = known
  return { ...lasting, ...said, ...(description === undefined ? {} : { description }) }
}

/** The finding on what an agent has said so far. Its own word for down needs no counting: HAProxy's rise and fall are 1 there. */
export function judgeAgent(known: AgentAnswer, unknown: readonly string[]): Finding {
  const { weight, admin, state, maxConnections, description } = known
  const words = [
    state ?? 'no word on its state',
    ...(admin === undefined ? [] : [admin]),
    ...(weight === undefined ? [] : [`weight ${Math.round(weight * 100)} %`]),
    ...(maxConnections === undefined ? [] : [`at most ${maxConnections} connections`]),
  ]
  const detail = `${words.join(', ')}${description === undefined ? '' : `: ${description}`}`
  const remarks: Remarks = {
    ...(weight === undefined && admin === undefined ? {} : { advice: { weight, admin } }),
    ...(maxConnections === undefined ? {} : { measures: { 'max-connections': maxConnections } }),
    ...(unknown.length > 0 ? { warning: `the agent says what nobody understands: ${unknown.slice(0, 3).join(' ').slice(0, 80)}` } : {}),
  }
  return state === undefined || state === 'up' ? passed(detail, remarks) : failed('unwell', detail, { ...remarks, immediate: true })
}
