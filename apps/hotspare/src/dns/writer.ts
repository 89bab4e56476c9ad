/** A node, as another one sees it. */
export interface SeenNode {
  readonly name: string
  readonly isAlive: boolean
}

/**
 * Which node writes records that answer by health: the first of the file that is alive. They need no lease, for every change is
 * compared with what it replaces; but two that write by two views of health would undo each other's work. Nodes that cannot see
 * each other both write, and the record follows whoever wrote last.
 *
 * @param order the names of all nodes, as the file has them
 */
export function isWriter(own: string, order: readonly string[], peers: readonly SeenNode[]): boolean {
  const first = order.find((name) => name === own || peers.some((peer) => peer.name === name && peer.isAlive))
  return first === undefined || first === own
}
