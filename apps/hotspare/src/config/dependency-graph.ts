import type { DependencyTrackerOptions } from '@hotspare/health/dependencies'
import type { Config, DependsOnConfig } from './config.ts'

/** What leans on what, as the dependency tracker takes it. */
export type DependencyGraphOptions = Pick<DependencyTrackerOptions, 'names' | 'dependencies' | 'windowMs'>

/**
 * What leans on what: targets by their id, checks by their name, services as {@link serviceNode} calls them. Whatever neither leans
 * on anything nor is leant on is not in it.
 */
export function dependencyGraphOf({
  pools,
  checks,
  services,
  health,
}: Pick<Config, 'pools' | 'checks' | 'services' | 'health'>): DependencyGraphOptions {
  const leaning: (readonly [string, DependsOnConfig | undefined])[] = [
    ...pools.flatMap(({ targets, health: { dependsOn } }) => targets.map(({ id }) => [id, dependsOn] as const)),
    ...checks.map(({ name, dependsOn }) => [name, dependsOn] as const),
    ...services.map(({ name, check }) => [serviceNode(name), check.dependsOn] as const),
  ]
  const dependencies = Object.fromEntries(leaning.flatMap(([id, dependsOn]) => (dependsOn ? [[id, dependsOn] as const] : [])))
  const names = new Set(Object.entries(dependencies).flatMap(([id, { on }]) => [id, ...on]))
  return { names: [...names], dependencies, windowMs: health.dependencyWindowMs }
}

/** A service among targets and checks: no name of theirs has a space in it. Nothing can lean on a service. */
export function serviceNode(service: string): string {
  return `service ${service}`
}
