// A set that is read and written as a whole: two writers at once lose an element. It checks tokens, if it is told to.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { tokenGuard } from '@hotspare/lease'

interface Request {
  readonly token: number
  readonly client: string
  /** The new content; left out to read. */
  readonly elements?: readonly string[] | undefined
}

const checked = process.argv[2] === 'checked'
const guard = tokenGuard()
const clientsOfToken = new Map<number, Set<string>>()
let elements: readonly string[] = []
let refused = 0

const server = createServer((request, response) => {
  void text(request).then((body) => {
    const answer = request.url === '/report' ? report() : serve(JSON.parse(body) as Request)
    response.setHeader('connection', 'close')
    response.end(JSON.stringify(answer))
  })
})
server.listen(8080, '0.0.0.0', () => process.stdout.write('ready\n'))

function serve({ token, client, elements: written }: Request): object {
  // A read counts too: from then on, nobody with an older token may write what the reader does not know of.
  if (checked && !guard.admits(token)) {
    refused++
    return { accepted: false }
  }
  clientsOfToken.set(token, (clientsOfToken.get(token) ?? new Set()).add(client))
  if (written) elements = written
  return { accepted: true, elements }
}

function report(): object {
  const shared = [...clientsOfToken].filter(([, clients]) => clients.size > 1).map(([token]) => token)
  return { elements, refused, tokens: clientsOfToken.size, shared }
}
