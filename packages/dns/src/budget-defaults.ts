/** What is assumed of a failover by DNS where nobody has measured it. Each number with its reason. */
export const budgetDefaults: { readonly writeMs: number; readonly tailRatio: number; readonly tailSource: string } = Object.freeze({
  /** APIs of providers answer within some 100 to 700 ms, an update by RFC 2136 within one round trip. */
  writeMs: 1_000,
  /** Of the 8,524 resolvers that the study measured from five places or more. */
  tailRatio: 0.0874,
  tailSource: 'Bhowmick et al., TTL Violation of DNS Resolvers in the Wild, PAM 2023',
})
