// Drives RudderStack's client for Node as its documentation shows: node rudder.cjs HOST KEY SCENARIO
const [host, writeKey, scenario] = process.argv.slice(2)
const RudderAnalytics = require(process.env.CLIENTS + '/node_modules/@rudderstack/rudder-sdk-node')

const analytics = new RudderAnalytics(writeKey, {
  dataPlaneUrl: host,
  flushAt: 10,
  flushInterval: 200,
  logLevel: 'error',
  errorHandler(error) {
    console.error(String(error))
    process.exitCode = 1
  },
})

const scenarios = {
  calls() {
    analytics.identify({ userId: 'ana', traits: { email: 'ana@example.com' } })
    analytics.track({ userId: 'ana', event: 'Order Completed', properties: { order_id: 'o1', total: 27.5 } })
    analytics.page({ userId: 'ana', name: 'Home', properties: { url: 'https://shop.example/' } })
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
analytics.flush()
