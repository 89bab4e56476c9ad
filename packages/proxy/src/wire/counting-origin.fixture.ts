import { httpOrigin, type Origin } from '../origins.fixture.ts'

/** A target that keeps every body that it was sent whole. */
export async function countingOrigin(): Promise<Origin & { readonly bodies: string[] }> {
  const bodies: string[] = []
  const origin = await httpOrigin((incoming, response) => {
    let body = ''
    incoming.on('data', (piece: Buffer) => (body += piece.toString('latin1')))
    incoming.once('end', () => {
      bodies.push(body)
      response.end('taken')
    })
  })
  return { ...origin, bodies }
}
