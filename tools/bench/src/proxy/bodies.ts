/** What the origin serves: bodies of these sizes, as static files. */
export interface Body {
  /** What the tables call it. */
  readonly name: string
  readonly path: string
  readonly bytes: number
}

export const SMALL: Body = { name: '100 B', path: '/small', bytes: 100 }
export const LARGE: Body = { name: '16 KiB', path: '/large', bytes: 16_384 }
export const bodies: readonly Body[] = [SMALL, LARGE]
