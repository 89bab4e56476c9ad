/** How name servers are asked whether they serve a change. Each number with its reason. */
export const verifyDefaults: Readonly<
  Record<'budgetMs' | 'timeoutMs' | 'attempts' | 'firstPauseMs' | 'pauseGrowth' | 'longestPauseMs' | 'mostServers' | 'parentsAsked', number>
> = Object.freeze({
  /** Route 53 names 60 s as what a change takes as a rule; with BIND's notify-delay of 5 s a secondary needs less than ten. */
  budgetMs: 60_000,
  /** Of one sending of a question: an answer takes one round trip, and the far side of the world is 300 ms away. */
  timeoutMs: 1_000,
  /** Two lost datagrams in a row are rare, and a server that is missed is asked again a pause later. */
  attempts: 2,
  /** A server that follows at once does so within some ten milliseconds; sooner is not worth a question. */
  firstPauseMs: 100,
  /** A lag is known to a fifth of itself; with the next line, a server is asked some forty times in a minute. */
  pauseGrowth: 1.2,
  /** Nobody has to know a lag of minutes any better. */
  longestPauseMs: 2_000,
  /** Thirteen name servers with an IPv4 and an IPv6 address each (the root has that many), and then some. */
  mostServers: 32,
  /** Any of a parent's servers knows the delegation. */
  parentsAsked: 3,
})
