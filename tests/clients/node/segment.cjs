// Drives Segment's client for Node as its documentation shows: node segment.cjs HOST KEY SCENARIO
const [host, writeKey, scenario] = process.argv.slice(2)
const { Analytics } = require(process.env.CLIENTS + '/node_modules/@segment/analytics-node')

const analytics = new Analytics({ writeKey, host, path: '/v1/batch', flushAt: 10, flushInterval: 200, maxRetries: 5 })
analytics.on('error', (error) => {
  console.error(JSON.stringify(error, Object.getOwnPropertyNames(error)))
  process.exitCode = 1
})

const scenarios = {
  calls() {
    analytics.identify({ userId: 'ana', traits: { email: 'ana@example.com' } })
    analytics.track({ userId: 'ana', event: 'Order Completed', properties: { order_id: 'o1', total: 27.5 } })
    analytics.page({ userId: 'ana', category: 'Docs', name: 'Home', properties: { url: 'https://shop.example/' } })
    analytics.screen({ anonymousId: 'a1', name: 'Home' })
    analytics.group({ userId: 'ana', groupId: 'g1', traits: { name: 'Initech' } })
    analytics.alias({ userId: 'ana', previousId: 'a1' })
  },
  many() {
    for (let number = 0; number < 25; number++) {
      analytics.track({ userId: 'ana', event: 'Product Viewed', properties: { number } })
    }
  },
}

scenarios[scenario]()
analytics.closeAndFlush({ timeout: 20000 })
