import { Link } from './link'

const link = new Link()
const scope = self as unknown as { onconnect: (event: MessageEvent) => void }
scope.onconnect = event => link.attach(event.ports[0]!)
