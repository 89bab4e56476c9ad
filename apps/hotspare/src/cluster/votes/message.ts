import type { HealthState } from '@hotspare/core'
import { z } from 'zod'

/** What a node's own view of something is, by the key of {@link votedSubjects}. */
export interface OwnVote {
  readonly key: string
  /** `unknown` abstains. */
  readonly state: HealthState
}

/** A vote on its way: clocks of two machines do not agree, durations do. */
export interface AgedVote extends OwnVote {
  /** How old the view was as it left, in whole milliseconds. */
  readonly ageMs: number
}

/** The request by which nodes tell each other their votes. */
export const votesMethod = 'health-votes'

/** In one message: some 30 KB, so that what the engine asks over the same connection never waits for long. */
export const MOST_VOTES = 1_000

/** As the nodes send it; short, since all of it is repeated every second. */
export interface VotesBody {
  readonly votes: readonly (readonly [key: string, state: HealthState, ageMs: number])[]
}

/** What a node answers to votes: whether they go to those who count. */
export interface VotesAnswer {
  readonly believed: boolean
}

// Tolerant towards what a newer version may add beside the votes.
const votesSchema: z.ZodType<VotesBody> = z.object({
  votes: z.array(z.tuple([z.string().min(1).max(64), z.enum(['up', 'degraded', 'down', 'unknown']), z.number().min(0)])).max(MOST_VOTES),
})

export function votesBody(votes: readonly AgedVote[]): VotesBody {
  return { votes: votes.map(({ key, state, ageMs }) => [key, state, ageMs]) }
}

/** @returns undefined for what is no message of votes, or a larger one than any of ours */
export function readVotes(body: unknown): readonly AgedVote[] | undefined {
  return votesSchema.safeParse(body).data?.votes.map(([key, state, ageMs]) => ({ key, state, ageMs }))
}
