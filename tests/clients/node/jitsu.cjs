// Drives Jitsu's client in Node as its documentation shows: node jitsu.cjs HOST KEY SCENARIO
const [host, writeKey, scenario] = process.argv.slice(2)
const { jitsuAnalytics } = require(process.env.CLIENTS + '/node_modules/@jitsu/js')

// Failures are told on the console and nowhere else.
console.error = (...words) => {
  process.stderr.write(words.join(' ') + '\n')
  process.exitCode = 1
}

const analytics = jitsuAnalytics({ host, writeKey: writeKey + ':secret', fetch })

const scenarios = {
  async calls() {
    await analytics.identify('ana', { email: 'ana@example.com' })
    await analytics.track('Order Completed', { order_id: 'o1', total: 27.5 })
    await analytics.page({ name: 'Home', url: 'https://shop.example/' })
    await analytics.group('g1', { name: 'Initech' })
  },
  async many() {
    await analytics.identify('ana')
    for (let number = 0; number < 5; number++) {
      await analytics.track('Product Viewed', { number })
    }
  },
}

scenarios[scenario]().catch((error) => console.error(String(error)))
