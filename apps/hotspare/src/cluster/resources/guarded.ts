import type { Resource } from '@hotspare/core/plan'

/** A resource that cannot be had here while something else stands in the way. */
export function guardedResource(resource: Resource, obstacle: () => string | undefined): Resource {
  return {
    id: resource.id,
    allowedMs: resource.allowedMs,
    instruction: (verb, node) => resource.instruction(verb, node),
    obstacle: () => obstacle() ?? resource.obstacle?.(),
    prepare: () => resource.prepare?.(),
    observe: (options) => resource.observe(options),
    acquire: (right, options) => resource.acquire(right, options),
    release: (options) => resource.release(options),
  }
}
