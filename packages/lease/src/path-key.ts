/**
 * The path under which a name is kept, for stores that are asked by URL. A segment that is empty, `.` or `..` would be taken
 * out of a URL on its way, and two names would be one key: it gets a `~` in front, which no name has.
 */
export function pathKey(prefix: string, name: string): string {
  const segments = name.split('/').map((segment) => (/^\.{0,2}$/.test(segment) ? `~${segment}` : segment))
  return `${prefix}${segments.join('/')}`
}

/** What the keys of such a store may begin with: nothing that a URL has to escape or that its path loses. */
export function pathPrefixProblem(prefix: string): string | undefined {
  if (!/^[A-Za-z0-9._/-]{1,256}$/.test(prefix)) return 'up to 256 letters, digits and . _ - /'
  const segments = prefix.split('/')
  const isLost = segments.some((segment, index) => /^\.{1,2}$/.test(segment) || (segment === '' && index < segments.length - 1))
  return isLost ? 'it begins with no "/", and has no empty part, "." or ".." in it' : undefined
}
