// The part that is measured of packages without types of their own.
declare module 'hashring' {
  class HashRing {
    constructor(servers: readonly string[])
    readonly ring: readonly { readonly server: string }[]
    get(key: string): string | undefined
    find(hash: number): number
    add(server: string): this
    remove(server: string): this
  }
  export = HashRing
}

declare module 'consistent-hash' {
  class ConsistentHash {
    constructor(options?: { readonly distribution?: 'random' | 'uniform' })
    add(node: string): this
    remove(node: string): this
    get(name: string): string | null
  }
  export = ConsistentHash
}
