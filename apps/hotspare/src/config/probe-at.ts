import type { HealthConfig, ProbeConfig, TargetConfig } from './config.ts'

/** The probe of a pool, with the address of one of its targets. */
export function probeAt(target: TargetConfig, health: HealthConfig): ProbeConfig {
  if (health.type === 'http' || health.type === 'metric') return { ...health, url: urlAt(target, health) }
  if (health.type === 'websocket') return { ...health, url: urlAt(target, health).replace(/^http/, 'ws') }
  return { ...health, host: target.host, port: health.port ?? target.port }
}

/** With TLS where the target has it, whatever the port. */
function urlAt({ url: origin }: TargetConfig, { path, port }: { readonly path: string; readonly port?: number | undefined }): string {
  const url = new URL(path, origin)
  if (port !== undefined) url.port = String(port)
  return url.href
}
