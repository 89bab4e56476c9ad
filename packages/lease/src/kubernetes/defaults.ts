/** How the API server of Kubernetes is asked. Each number with its reason. */
export const kubernetesDefaults: Readonly<
  Record<
    'maxAnswerBytes' | 'maxTokenCharacters' | 'maxFileBytes' | 'connections' | 'swapRounds' | 'credentialsMs' | 'readFileMs' | 'calmTtlMs',
    number
  >
> = Object.freeze({
  /** What etcd keeps of one object at most is 1.5 MiB; ours takes 2 KB, and what others add to it is seldom more. */
  maxAnswerBytes: 2_097_152,
  /** Go's own limit for all headers is 1 MiB; tokens of service accounts take some 1,200 characters. */
  maxTokenCharacters: 16_384,
  /** A bundle of certificates; the files that are read are small. */
  maxFileBytes: 1_048_576,
  /** All leases of a node at once, and connections in the making that a call has given up. */
  connections: 16,
  /** One as a rule; two where something else in the object was changed in between; a third finds an editor at work. */
  swapRounds: 3,
  /** As Kubernetes' own client: the kubelet renews a token at 80 % of its life, which is ten minutes at least. */
  credentialsMs: 60_000,
  /** The files are in memory (tmpfs); a mount that hangs must not hold a call up for longer. */
  readFileMs: 1_000,
  /**
   * A swap is a read and a write, and the service level of an API server is 1 s for each at the 99th percentile: with an
   * eighth of the ttl for both, 1 s is enough for all but the slowest, which the repetitions are for. Kubernetes' own
   * components have 15 s.
   */
  calmTtlMs: 8_000,
})
