import { registerError } from './errors.ts'
import { leaseApi } from './kubernetes/api.ts'
import { kubernetesDefaults } from './kubernetes/defaults.ts'
import { newLease, recordOf, replacedLease } from './kubernetes/messages.ts'
import { objectName } from './kubernetes/object-name.ts'
import { type KubernetesRegisterOptions, kubernetesRegisterOptionsSchema } from './kubernetes/options.ts'
import { parseOptions } from './parse-options.ts'
import { registerCall } from './register-call.ts'
import type { LeaseRecord, LeaseRegister, SwapResult } from './register.ts'

export { kubernetesDefaults } from './kubernetes/defaults.ts'
export { kubernetesRegisterOptionsSchema } from './kubernetes/options.ts'
export type { KubernetesRegisterOptions, ResolvedKubernetesRegisterOptions, TextOrFile } from './kubernetes/options.ts'

/**
 * A register in the Lease objects of a Kubernetes (coordination.k8s.io/v1). The record is in an annotation; `spec` has it in
 * Kubernetes' own words, for `kubectl get lease`. A swap is a read and a replacement that names the version that was read
 * (`resourceVersion`), so nothing is remembered between calls.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` when the options cannot work
 */
export function kubernetesRegister(options: KubernetesRegisterOptions): LeaseRegister {
  const resolved = parseOptions('kubernetes register', kubernetesRegisterOptionsSchema, options)
  const { server, namespace, prefix, clock } = resolved
  const api = leaseApi(resolved)
  const who = `kubernetes at ${server}`

  async function look(name: string, signal: AbortSignal) {
    const found = await api.get(objectName(prefix, name), signal)
    return found && { found, current: recordOf(found, `kubernetes: lease ${namespace}/${objectName(prefix, name)}`) }
  }

  async function swap(name: string, expected: LeaseRecord | null, next: LeaseRecord, signal: AbortSignal): Promise<SwapResult> {
    const object = objectName(prefix, name)
    for (let round = 1; round <= kubernetesDefaults.swapRounds; round++) {
      const seen = await look(name, signal)
      if (seen?.current.revision !== expected?.revision) return { swapped: false, current: seen?.current ?? null }
      const written = seen
        ? await api.replace(object, replacedLease(seen.found, seen.current, next, clock.wallMs()), signal)
        : await api.create(object, newLease(object, name, next, clock.wallMs()), signal)
      if (written === 'written') return { swapped: true }
    }
    throw registerError(who, `${object} changes while its record stays: somebody edits it`)
  }

  return {
    description: `${who}, namespace ${namespace}`,
    read: (name, callOptions) =>
      registerCall(
        { who, what: `read ${name}`, clock, options: callOptions },
        async (signal) => (await look(name, signal))?.current ?? null,
      ),
    compareAndSwap: (name, expected, next, callOptions) =>
      registerCall({ who, what: `swap ${name}`, clock, options: callOptions }, (signal) => swap(name, expected, next, signal)),
    close: () => api.close(),
  }
}
