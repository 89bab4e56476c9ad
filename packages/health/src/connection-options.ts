import { z } from 'zod'

/** Which addresses of a name are used. */
export const familySchema: z.ZodType<4 | 6, 4 | 6> = z.union([z.literal(4), z.literal(6)])

/** Names of protocols for ALPN: 1 to 255 bytes each (RFC 7301), of which the registered ones are visible ASCII. */
export const alpnSchema: z.ZodType<readonly string[], readonly string[]> = z.array(z.string().regex(/^[!-~]{1,255}$/)).max(10)
