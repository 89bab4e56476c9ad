import loadBalancers from 'load-balancers'
import type { PickSubject } from '../subject.ts'

export const loadBalancersP2c: PickSubject = {
  name: 'load-balancers P2cBalancer',
  kind: 'pick',
  isPeer: true,
  setup: 'draws two that may be the same, compares all picks so far and not open ones; knows no health, nothing is given back',
  prepare(targets) {
    const balancer = new loadBalancers.P2cBalancer(targets)
    return () => void balancer.pick()
  },
}
