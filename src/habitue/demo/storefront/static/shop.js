// What happens in the shopper's browser: the basket, the forms, the clock, and the events of each page, sent by the
// official Segment client. Each event follows the e-commerce vocabulary (Segment spec, version 2).
"use strict"

const tell = JSON.parse(document.getElementById("tell").textContent)
const SHIPPING = 3.95
const SHIPPING_FREE_FROM = 30
const SEND_WAIT_MS = 2500

const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: tell.writeKey, cdnURL: tell.habitue })
// On-site messages and curious people in the developer tools look for the client here.
window.analytics = analytics

const absolute = (path) => new URL(path, location.origin).href
const withOrigin = (product) => ({ ...product, url: absolute(product.url), image_url: absolute(product.image_url) })
const money = (amount) => "£" + amount.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const pounds = (amount) => Math.round(amount * 100) / 100
const $ = (selector, root = document) => root.querySelector(selector)

/** Send, and be done when it is sent; a page that is about to be left must not wait for ever. */
function track(event, properties) {
  const sent = analytics.track(event, properties)
  return Promise.race([sent, new Promise((done) => setTimeout(done, SEND_WAIT_MS))])
}

// --- the basket -----------------------------------------------------------------------------------------------------

const basket = {
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem("basket"))
      if (kept && kept.id && Array.isArray(kept.lines)) return kept
    } catch { /* Unreadable or forbidden storage is an empty basket. */ }
    return { id: "cart-" + Math.random().toString(36).slice(2, 10), lines: [] }
  },
  keep(cart) {
    localStorage.setItem("basket", JSON.stringify(cart))
    showCount(cart)
  },
  async change(product, difference) {
    const cart = basket.read()
    const line = cart.lines.find((line) => line.product_id === product.product_id)
    const before = line ? line.quantity : 0
    const after = Math.min(99, Math.max(0, before + difference))
    if (after === before) return
    if (!line) cart.lines.push({ ...product, quantity: after })
    else if (after) line.quantity = after
    else cart.lines = cart.lines.filter((other) => other !== line)
    basket.keep(cart)
    const { position, ...fields } = product
    const event = after > before ? "Product Added" : "Product Removed"
    await track(event, { cart_id: cart.id, ...withOrigin(fields), quantity: Math.abs(after - before) })
  },
  empty() {
    localStorage.removeItem("basket")
    showCount({ lines: [] })
  },
}

/** Kept lines, at what they cost today: a price may have fallen, or risen again, since they were kept. */
async function atTodaysPrice(lines) {
  if (!lines.length) return lines
  const answer = await fetch("/products.json?ids=" + lines.map((line) => encodeURIComponent(line.product_id)).join(","))
  const today = new Map((await answer.json()).map((product) => [product.product_id, product]))
  return lines.map((line) => ({ ...line, ...today.get(line.product_id) }))
}

const products = (cart) => cart.lines.map((line, index) => ({ ...withOrigin(line), position: index + 1 }))
const revenue = (cart) => pounds(cart.lines.reduce((sum, line) => sum + line.price * line.quantity, 0))
const shipping = (cart) => (revenue(cart) >= SHIPPING_FREE_FROM || !cart.lines.length ? 0 : SHIPPING)
const total = (cart) => pounds(revenue(cart) + shipping(cart))

function showCount(cart) {
  const count = cart.lines.reduce((sum, line) => sum + line.quantity, 0)
  const badge = $("#cart-count")
  badge.textContent = count
  badge.hidden = count === 0
}

function toast(text) {
  const box = $("#toast")
  box.textContent = text
  box.classList.add("on")
  clearTimeout(toast.timer)
  toast.timer = setTimeout(() => box.classList.remove("on"), 2200)
}

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

function lineHtml(line, editable) {
  const stepper = `<div class="stepper"><button data-less aria-label="One less">−</button><input readonly value="${line.quantity}" aria-label="Quantity"><button data-more aria-label="One more">+</button></div>`
  return `<div class="line" data-id="${escaped(line.product_id)}"><img src="${escaped(line.image_url)}" alt="" width="92" height="92">
    <div><a href="${escaped(line.url)}">${escaped(line.name)}</a><small>${editable ? money(line.price) + " each" : line.quantity + " ×"}</small>${editable ? '<button class="quiet remove" data-remove>Remove</button>' : ""}</div>
    ${editable ? stepper : ""}<span class="sum">${money(line.price * line.quantity)}</span></div>`
}

function totalsHtml(cart, after) {
  const free = shipping(cart) ? money(shipping(cart)) : "Free"
  return `<div class="totals"><p><span>Goods</span><span>${money(revenue(cart))}</span></p><p><span>Delivery</span><span>${free}</span></p>
    <p class="all"><span>Total</span><span>${money(total(cart))}</span></p>${after}</div>`
}

function showCart() {
  const cart = basket.read()
  $("#cart").innerHTML = cart.lines.length
    ? cart.lines.map((line) => lineHtml(line, true)).join("") + totalsHtml(cart, '<a class="button" href="/checkout">To the checkout</a>')
    : '<p class="nothing">There is nothing in it yet. <a href="/">Have a look around</a>.</p>'
}

async function reprice() {
  const cart = basket.read()
  cart.lines = (await atTodaysPrice(cart.lines)).map(({ regular_price, ...line }) => line)
  if (cart.lines.length) basket.keep(cart)
  return cart
}

async function cartPage() {
  const cart = await reprice()
  track("Cart Viewed", { cart_id: cart.id, products: products(cart) })
  showCart()
  $("#cart").addEventListener("click", (click) => {
    const line = click.target.closest(".line")
    const found = line && basket.read().lines.find((kept) => kept.product_id === line.dataset.id)
    if (!found) return
    const { quantity, ...product } = found
    if ("less" in click.target.dataset) basket.change(product, -1)
    else if ("more" in click.target.dataset) basket.change(product, 1)
    else if ("remove" in click.target.dataset) basket.change(product, -quantity)
    else return
    showCart()
  })
}

// --- the wish list --------------------------------------------------------------------------------------------------

const wishes = {
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem("wishes"))
      if (Array.isArray(kept)) return kept
    } catch { /* Unreadable or forbidden storage is an empty list. */ }
    return []
  },
  keep(lines) {
    localStorage.setItem("wishes", JSON.stringify(lines))
    showWishCount(lines)
  },
  has: (product) => wishes.read().some((line) => line.product_id === product.product_id),
  without: (product) => wishes.read().filter((line) => line.product_id !== product.product_id),
  async add(product) {
    const { position, ...fields } = product
    wishes.keep([fields, ...wishes.without(product)])
    await track("Product Added to Wishlist", withOrigin(fields))
  },
  async take(product) {
    wishes.keep(wishes.without(product))
    await track("Product Removed from Wishlist", withOrigin(product))
  },
  async order(product) {
    await wishes.take(product)
    await basket.change(product, 1)
    toast(product.name + " is in your basket")
  },
  empty() {
    localStorage.removeItem("wishes")
    showWishCount([])
  },
}

function showWishCount(lines) {
  const badge = $("#wish-count")
  badge.textContent = lines.length
  badge.hidden = !lines.length
}

function wishHtml(line) {
  const price = line.price < line.regular_price ? `<b>${money(line.price)}</b> <s>${money(line.regular_price)}</s>` : money(line.price)
  return `<div class="line" data-id="${escaped(line.product_id)}"><img src="${escaped(line.image_url)}" alt="" width="92" height="92">
    <div><a href="${escaped(line.url)}">${escaped(line.name)}</a><small class="price">${price}</small><button class="quiet remove" data-remove>Remove</button></div>
    <button class="button small" data-order>Into the basket</button></div>`
}

async function showWishes() {
  const lines = await atTodaysPrice(wishes.read())
  $("#wishes").innerHTML = lines.length
    ? lines.map(wishHtml).join("") + '<p class="fine">When one of these gets cheaper, you hear of it, if we may e-mail you. In this demo that takes a minute or two.</p>'
    : '<p class="nothing">Nothing is on it yet: press the heart beside a thing you like.</p>'
}

function wishListPage() {
  showWishes()
  $("#wishes").addEventListener("click", (click) => {
    const line = click.target.closest(".line")
    const product = line && wishes.read().find((kept) => kept.product_id === line.dataset.id)
    if (!product) return
    if ("order" in click.target.dataset) wishes.order(product)
    else if ("remove" in click.target.dataset) wishes.take(product)
    else return
    showWishes()
  })
}

function wishButton(product) {
  const heart = $("#wish")
  const show = () => {
    const on = wishes.has(product)
    heart.setAttribute("aria-pressed", on)
    heart.title = on ? "Take off the wish list" : "Put on the wish list"
    heart.setAttribute("aria-label", heart.title)
  }
  heart.addEventListener("click", () => {
    if (wishes.has(product)) wishes.take(product)
    else {
      wishes.add(product)
      toast(product.name + " is on your wish list")
    }
    show()
  })
  show()
}

// --- who she is -----------------------------------------------------------------------------------------------------

function traits(shopper) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return { email: shopper.email, firstName: shopper.first_name, timezone: timeZone, locale: navigator.language }
}

const waited = () => new Promise((done) => setTimeout(done, SEND_WAIT_MS))

/** What the shop's server needs to say whose browser this is; null where the client does not answer. */
async function anonymousId() {
  const user = await Promise.race([analytics.user(), waited()])
  return user ? user.anonymousId() : null
}

const consentWords = (yes) => (yes ? "Yes, e-mail me" : "No, thanks")

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify({ ...body, anonymous_id: await anonymousId() }) })
  const said = await answer.json()
  if (!answer.ok) throw new Error(said.message)
  return said
}

/** The shop's server tells Habitue who this is and what they agreed to: a page's word alone is not believed. */
const remember = (shopper, source) => post("/sign-in", { ...shopper, source, text: consentWords(shopper.consents) })

/** Sign in with the form's fields. The hash that the server made proves to Habitue that the page may say who it is. */
async function signIn(form) {
  const fields = new FormData(form)
  const shopper = { first_name: fields.get("first_name"), email: fields.get("email"), consents: fields.get("consents") === "yes" }
  const said = await remember(shopper, form.dataset.source)
  const proof = { context: { userHash: said.user_hash } }
  await Promise.race([analytics.identify(said.user_id, traits(shopper), proof), waited()])
}

function onSubmit(form, send) {
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault()
    const button = $("button.button", form)
    const error = $(".error", form)
    button.disabled = true
    try {
      await send()
    } catch (failure) {
      button.disabled = false
      if (error) { error.textContent = failure.message; error.hidden = false }
    }
  })
}

/** Ask for the newsletter. It is only a wish: the letter that follows asks whether it was she. */
function newsletter() {
  const form = $("#newsletter")
  onSubmit(form, async () => {
    const email = form.elements.email.value.trim()
    const wait = new Promise((done) => setTimeout(done, SEND_WAIT_MS))
    await Promise.race([analytics.identify({ email }), wait])
    await track("Consent Requested", { channel: "email", topic: "news", source: form.dataset.source, text: tell.newsletter })
    toast("Look into your letters: one more click, and you are on the list.")
    $("button.button", form).disabled = false
  })
}

function accountPage() {
  const form = $("#consent")
  $(`input[value=${tell.shopper.consents ? "yes" : "no"}]`, form).checked = true
  onSubmit(form, async () => {
    const yes = new FormData(form).get("consents") === "yes"
    await remember({ ...tell.shopper, consents: yes }, form.dataset.source)
    toast("Noted. Thank you.")
    $("button.button", form).disabled = false
  })
  $("#sign-out").addEventListener("click", async () => {
    await fetch("/sign-out", { method: "POST" })
    await analytics.reset()
    basket.empty()
    wishes.empty()
    location.href = "/"
  })
}

// --- ordering -------------------------------------------------------------------------------------------------------

function order(cart, id) {
  return {
    order_id: id,
    cart_id: cart.id,
    revenue: revenue(cart),
    value: revenue(cart),
    shipping: shipping(cart),
    total: total(cart),
    currency: tell.currency,
    products: products(cart),
  }
}

async function checkoutPage() {
  const cart = await reprice()
  if (!cart.lines.length) { location.replace("/cart"); return }
  const id = "MW-" + Date.now().toString(36).toUpperCase() + Math.random().toString(36).slice(2, 4).toUpperCase()
  $("#summary").innerHTML = cart.lines.map((line) => lineHtml(line, false)).join("") + totalsHtml(cart, "")
  track("Checkout Started", order(cart, id))
  const form = $("#checkout")
  onSubmit(form, async () => {
    if (!tell.shopper) await signIn(form)
    const cart = basket.read()
    const lines = cart.lines.map((line) => ({ product_id: line.product_id, quantity: line.quantity }))
    await post("/orders", { order_id: id, cart_id: cart.id, lines })
    basket.empty()
    location.href = "/thank-you?order=" + encodeURIComponent(id)
  })
}

// --- every page -----------------------------------------------------------------------------------------------------

function tickClock() {
  const start = Date.parse(tell.now)
  const format = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: tell.timezone })
  const show = () => { $("#shop-time").textContent = format.format(start + performance.now() * tell.speed).replace(",", "") }
  show()
  setInterval(show, Math.max(250, Math.min(10000, 30000 / tell.speed)))
}

function watchClicks() {
  document.addEventListener("click", (click) => {
    const quick = click.target.closest("button[data-add]")
    if (quick) {
      const product = JSON.parse(quick.dataset.add)
      basket.change(product, 1)
      toast(product.name + " is in your basket")
      if ($("#cart")) showCart()
      return
    }
    const link = click.target.closest("a[data-product]")
    if (link) track("Product Clicked", { ...withOrigin(JSON.parse(link.dataset.product)), list_id: link.dataset.list, position: +link.dataset.position })
  })
}

function productPage() {
  const form = $("#add")
  const quantity = form.elements.quantity
  form.addEventListener("click", (click) => {
    const step = click.target.dataset.step
    if (step) quantity.value = Math.min(99, Math.max(1, (+quantity.value || 1) + +step))
  })
  form.addEventListener("submit", (submit) => {
    submit.preventDefault()
    const product = JSON.parse(form.dataset.add)
    basket.change(product, Math.max(1, Math.floor(+quantity.value) || 1))
    toast(product.name + " is in your basket")
  })
  wishButton(JSON.parse(form.dataset.add))
  for (const details of document.querySelectorAll("details[data-detail]")) {
    // A click, not a toggle: what is open when the page comes was not opened by anybody.
    $("summary", details).addEventListener("click", () => {
      const fields = withOrigin(JSON.parse(form.dataset.add))
      if (!details.open) track("Product Details Opened", { ...fields, detail: details.dataset.detail })
    })
  }
}

function tellPage() {
  analytics.page(tell.page.category, tell.page.name)
  for (const [event, properties] of tell.events) {
    const list = properties.products ? { products: properties.products.map(withOrigin) } : {}
    const own = properties.url ? withOrigin(properties) : properties
    track(event, { ...own, ...list })
  }
}

const pages = { Product: productPage, Cart: cartPage, "Wish List": wishListPage, Checkout: checkoutPage, Account: accountPage }

analytics.ready(() => {
  // Back from another browser session with the cookie but without the client's memory: she is who the cookie says.
  if (tell.shopper && analytics.user && analytics.instance.user().id() !== tell.shopper.user_id) {
    analytics.identify(tell.shopper.user_id, traits(tell.shopper), { context: { userHash: tell.userHash } })
  }
})
tellPage()
showCount(basket.read())
showWishCount(wishes.read())
tickClock()
newsletter()
watchClicks()
pages[tell.page.name]?.()
$(".sort select")?.addEventListener("change", (change) => change.target.form.submit())
const signInForm = $("#sign-in")
if (signInForm) onSubmit(signInForm, async () => { await signIn(signInForm); location.href = signInForm.dataset.next })
// On a phone the aisle she is in may lie beyond the edge.
const here = $(".aisles [aria-current]")
if (here) {
  const aisles = here.closest("ul")
  const left = here.offsetLeft - aisles.offsetLeft
  if (left + here.offsetWidth > aisles.clientWidth - 60) aisles.scrollLeft = left - 24
}
