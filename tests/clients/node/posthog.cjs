// Drives PostHog's client for Node as its documentation shows: node posthog.cjs HOST KEY SCENARIO
const [host, key, scenario] = process.argv.slice(2)
const { PostHog } = require(process.env.CLIENTS + '/node_modules/posthog-node')

const client = new PostHog(key, { host, flushAt: 10, flushInterval: 200, fetchRetryDelay: 100 })
client.on('error', (error) => {
  console.error(String(error))
  process.exitCode = 1
})

const scenarios = {
  calls() {
    client.identify({ distinctId: 'ana', properties: { email: 'ana@example.com' } })
    client.capture({ distinctId: 'ana', event: 'Order Completed', properties: { order_id: 'o1', $set: { vip: true } } })
    client.capture({ distinctId: 'ana', event: '$pageview', properties: { $current_url: 'https://shop.example/' } })
    client.alias({ distinctId: 'a1', alias: 'ana' })
    client.groupIdentify({ groupType: 'company', groupKey: 'g1', properties: { name: 'Initech' }, distinctId: 'ana' })
  },
  many() {
    for (let number = 0; number < 25; number++) {
      client.capture({ distinctId: 'ana', event: 'Product Viewed', properties: { number } })
    }
  },
}

scenarios[scenario]()
// Its pauses between attempts do not keep a process alive, as a server's own work would.
const alive = setInterval(() => {}, 1000)
client.shutdown(20000).finally(() => clearInterval(alive))
