// A whole small Bluesky network in one process, with one account for each name given: NAME PASSWORD ...
// Prints the addresses of the accounts' own server and of the view over the network, then "ready".
import net from 'node:net'

const HOST = '127.0.0.1'
const listen = net.Server.prototype.listen

// The network would listen on every address of the machine, and has no setting for that.
net.Server.prototype.listen = function (...given) {
  const callbacks = given.filter((one) => typeof one === 'function')
  const [where] = given
  const options = where !== null && typeof where === 'object' ? where : { port: Number(where) || 0 }
  return listen.call(this, { ...options, host: HOST }, ...callbacks)
}

const { TestNetwork } = await import('@atproto/dev-env')
const network = await TestNetwork.create({ pds: { hostname: 'localhost' } })
process.once('SIGTERM', () => network.close().finally(() => process.exit(0)))

const people = process.argv.slice(2)
while (people.length > 0) {
  const [name, password] = people.splice(0, 2)
  const answer = await fetch(`${network.pds.url}/xrpc/com.atproto.server.createAccount`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ handle: `${name}.test`, email: `${name}@verkko.example`, password }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}
console.log(network.pds.url, network.bsky.url, 'ready')
