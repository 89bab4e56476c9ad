/** Headers that the channel or HTTP itself speaks for. */
const RESERVED = /^(?:content-(?:type|length|encoding)|host|connection|keep-alive|transfer-encoding|te|upgrade|expect|webhook-.*)$/i

/** RFC 9110, sections 5.1 and 5.5. */
const HEADER_NAME = /^[!#$%&'*+.^`|~\w-]+$/
const HEADER_VALUE = /^[\t\u0020-\u007E\u0080-\u00FF]*$/

/** @returns what keeps the channel from sending a header of this name, or undefined */
export function headerNameProblem(name: string): string | undefined {
  if (RESERVED.test(name)) return 'the channel sets it itself'
  return HEADER_NAME.test(name) ? undefined : 'no header has such a name'
}

/** @returns what is wrong with the value of a header, without the value, which may be a secret; or undefined */
export function headerValueProblem(value: string): string | undefined {
  return HEADER_VALUE.test(value) ? undefined : 'no line breaks, control characters or characters past U+00FF'
}
