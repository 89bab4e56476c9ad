import type { LeaseStore } from './store.ts'
import { etcdStore } from './stores/etcd.ts'
import { postgresStore } from './stores/postgres.ts'
import { witnessStore } from './stores/witness.ts'

const memoryStore: LeaseStore = {
  name: 'memory',
  install: 'nothing to install',
  find: () => Promise.resolve({ version: `Node ${process.versions.node}` }),
}

const sqliteStore: LeaseStore = {
  name: 'sqlite',
  install: 'a Node with node:sqlite',
  find: () => Promise.resolve(process.versions.sqlite === undefined ? undefined : { version: process.versions.sqlite }),
}

export const stores: readonly LeaseStore[] = [memoryStore, sqliteStore, witnessStore, etcdStore, postgresStore]
