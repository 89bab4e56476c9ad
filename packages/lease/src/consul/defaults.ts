/** How Consul is asked. Each number with its reason. */
export const consulDefaults: Readonly<
  Record<'maxEndpoints' | 'maxAnswerBytes' | 'maxTokenCharacters' | 'connections' | 'swapRounds' | 'calmTtlMs', number>
> = Object.freeze({
  /** A cluster has three to seven servers, and a node asks its own agent; more than this is a mistake in a configuration. */
  maxEndpoints: 16,
  /** Consul's own limit for a value is 512 KiB, which is 699,051 characters of base64. */
  maxAnswerBytes: 1_048_576,
  /** Tokens are UUIDs, and those of an auth method are longer; Go takes headers of 1 MiB, proxies in between 8 KiB. */
  maxTokenCharacters: 4_096,
  /** To one endpoint: all leases of a node at once, and connections in the making that a call has given up. */
  connections: 16,
  /** One as a rule, two for a swap that was repeated; a third finds an editor at work. */
  swapRounds: 3,
  /** A swap is two questions, each through the leader: with an eighth of the ttl for both, 250 ms. */
  calmTtlMs: 2_000,
})
