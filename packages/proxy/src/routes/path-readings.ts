/**
 * What servers may take one path for. RFC 3986 (6.2.2) lets a path be written in many ways, and servers differ in which of
 * them they follow: nginx merges slashes and removes dot segments, Tomcat takes off what follows a `;`, IIS and URL parsers
 * of browsers read `\` as `/`, some decode `%2F`, or decode twice. A route must hold for every one of these readings.
 */

/** Nearly all paths: one reading, the path itself. */
const ODD = /[%\\;#]|\/\/|\/\.\.?(?:\/|$)/
/** Two bytes or more for a character that fits into one (RFC 3629, 3): some decode it all the same. */
const OVERLONG = /%c[01]%[89ab][\da-f]|%e0%[89][\da-f]|%f0%8[\da-f]/i
/** What no honest client comes near; each costs time. */
const MOST_READINGS = 8
/** Of a path that can be read in more than one way. */
const LONGEST_ODD_PATH = 4_096

export function isPlain(path: string): boolean {
  return !ODD.test(path)
}

/**
 * Every reading, the written one first, with escapes undone that mean nothing (`%61` is `a`).
 *
 * @param path without its query
 * @returns undefined where nobody can tell what the path is
 */
export function readingsOf(path: string): readonly string[] | undefined {
  // Some take a fragment off, others do not.
  if (path.includes('#') || OVERLONG.test(path)) return undefined
  const written = decoded(path)
  if (written === undefined) return undefined
  const readings = [written]
  const known = new Set(readings)
  for (const reading of readings) {
    for (const read of WAYS) {
      const other = read(reading)
      if (other === undefined) return undefined
      if (known.has(other)) continue
      if (readings.length === MOST_READINGS || path.length > LONGEST_ODD_PATH) return undefined
      known.add(other)
      readings.push(other)
    }
  }
  return readings
}

/** In any order and combination: readings are made of readings until there are no new ones. */
const WAYS: readonly ((path: string) => string | undefined)[] = [
  (path) => (path.includes('%25') ? decodedAgain(path) : path),
  (path) => path.replaceAll('%2F', '/'),
  (path) => path.replaceAll('%5C', '\\'),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replaceAll(/;[^/]*/g, ''),
  (path) => path.replaceAll(/\/{2,}/g, '/'),
  withoutDots,
]

const SLASH = 0x2f
const BACKSLASH = 0x5c
const PERCENT = 0x25

/** One character a byte; what would change how the path falls into segments stays an escape, in capitals. */
function decoded(path: string): string | undefined {
  if (!path.includes('%')) return path
  let sound = true
  const text = path.replaceAll(/%([\da-f]{2})/gi, (_escape, digits: string) => {
    const byte = Number.parseInt(digits, 16)
    // To some the end of the path, to others a character.
    if (byte < 0x20 || byte === 0x7f) sound = false
    return byte === SLASH || byte === BACKSLASH || byte === PERCENT ? `%${digits.toUpperCase()}` : String.fromCharCode(byte)
  })
  return sound ? text : undefined
}

function decodedAgain(path: string): string | undefined {
  const once = path.replaceAll(/%25(?=[\da-f]{2})/gi, '%')
  return OVERLONG.test(once) ? undefined : decoded(once)
}

/** RFC 3986, 5.2.4. */
function withoutDots(path: string): string {
  if (!/\/\.\.?(?:\/|$)/.test(path)) return path
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  for (const [index, segment] of segments.entries()) {
    const isDot = segment === '.' || segment === '..'
    if (segment === '..') kept.pop()
    if (!isDot) kept.push(segment)
    else if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}
