/** What the bench tells a node or its peers on the command line, as JSON. */
export interface ProgramArguments {
  readonly intervalMs: number
  /** Where the node listens, on 127.0.0.1. */
  readonly nodePort: number
  /** Where the peers listen, each on one. */
  readonly peerPorts: readonly number[]
  /** For the node's files. */
  readonly folder: string
}

export function programArguments(): ProgramArguments {
  return JSON.parse(process.argv[2] ?? '') as ProgramArguments
}
