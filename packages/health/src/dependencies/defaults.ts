/** How causes are told from effects. Each number with its reason. */
export const dependencyDefaults: Readonly<Record<'windowMs' | 'maxNames' | 'maxParents', number>> = Object.freeze({
  /** A default target is found dead within 3.5 s (`detectionBoundMs`): whatever died at the same moment is known by then, with a second to spare. */
  windowMs: 5_000,
  /** As many targets as one node is meant to look at. */
  maxNames: 10_000,
  /** More than any target leans on; the check of the graph stays quick. */
  maxParents: 64,
})
