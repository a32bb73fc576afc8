// The mailbox page: asks for new letters every other second and shows the one that is chosen.
"use strict"

const POLL_MS = 2000
const $ = (id) => document.getElementById(id)
const list = $("letters")
const timezone = document.body.dataset.timezone
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: timezone })
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: timezone })
const whole = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone: timezone })

let chosen = null
let known = new Set()
let first = true
let asked = 0

function element(tag, text, className) {
  const made = document.createElement(tag)
  made.textContent = text
  if (className) made.className = className
  return made
}

function row(letter, today) {
  const at = new Date(letter.received_at)
  const button = element("button", "")
  button.dataset.id = letter.id
  if (!known.has(letter.id) && !first) button.classList.add("new")
  button.append(
    element("span", letter.to.join(", "), "to"),
    element("time", day.format(at) === today ? hour.format(at) : day.format(at)),
    element("b", letter.subject),
    element("small", letter.preview),
  )
  button.addEventListener("click", () => read(letter.id))
  const item = document.createElement("li")
  item.append(button)
  return item
}

async function refresh() {
  const mine = ++asked
  const to = $("to").value.trim()
  try {
    const answer = await (await fetch("/messages.json?to=" + encodeURIComponent(to))).json()
    if (mine !== asked) return
    const ids = answer.messages.map((letter) => letter.id)
    const shown = [...list.children].map((item) => +item.firstChild.dataset.id)
    if (ids.join() !== shown.join()) {
      const fresh = new Set([...list.querySelectorAll(".new")].map((button) => +button.dataset.id))
      const today = day.format(new Date(answer.now))
      list.replaceChildren(...answer.messages.map((letter) => row(letter, today)))
      for (const button of list.querySelectorAll("button")) if (fresh.has(+button.dataset.id)) button.classList.add("new")
      for (const id of ids) known.add(id)
      mark()
    }
    first = false
    $("empty").hidden = ids.length > 0
    $("state").textContent = ids.length === 1 ? "1 letter" : `${ids.length} letters`
    $("state").classList.remove("lost")
  } catch {
    $("state").textContent = "The demo has stopped"
    $("state").classList.add("lost")
  }
}

function mark() {
  for (const button of list.querySelectorAll("button")) {
    if (+button.dataset.id === chosen) { button.setAttribute("aria-current", "true"); button.classList.remove("new") }
    else button.removeAttribute("aria-current")
  }
}

async function read(id) {
  chosen = id
  mark()
  const letter = await (await fetch(`/messages/${id}.json`)).json()
  document.querySelector(".nothing").hidden = true
  document.querySelector(".nothing").style.display = "none"
  document.querySelector(".letter").hidden = false
  $("subject").textContent = letter.subject
  $("from").textContent = letter.from_name
  $("address").textContent = `<${letter.from}>`
  $("recipients").textContent = letter.to.join(", ")
  $("face").textContent = letter.from_name.slice(0, 1).toUpperCase()
  $("when").textContent = whole.format(new Date(letter.received_at))
  $("html").src = letter.html === null ? "about:blank" : `/messages/${id}/html`
  $("text").textContent = letter.text ?? "This letter has no plain-text part."
  $("headers").tBodies[0].replaceChildren(...letter.headers.map(([name, value]) => {
    const line = document.createElement("tr")
    line.append(element("th", name), element("td", value))
    return line
  }))
  $("unsubscribe").hidden = !letter.can_unsubscribe
  $("unsubscribe").disabled = false
  $("answer").hidden = true
  show(letter.html === null ? "text" : "html")
  document.body.classList.add("reading")
  history.replaceState(null, "", `#${id}`)
}

function show(tab) {
  for (const button of document.querySelectorAll("[role=tab]")) {
    const on = button.dataset.tab === tab
    button.setAttribute("aria-selected", on)
    $(button.dataset.tab).hidden = !on
  }
}

for (const button of document.querySelectorAll("[role=tab]")) button.addEventListener("click", () => show(button.dataset.tab))
$("back").addEventListener("click", () => document.body.classList.remove("reading"))
$("unsubscribe").addEventListener("click", async () => {
  $("unsubscribe").disabled = true
  const answer = await fetch(`/messages/${chosen}/unsubscribe`, { method: "POST" })
  $("answer").textContent = (await answer.json()).message
  $("answer").classList.toggle("no", !answer.ok)
  $("answer").hidden = false
  $("unsubscribe").disabled = answer.ok
})
$("to").value = new URLSearchParams(location.search).get("to") ?? ""
$("to").addEventListener("input", refresh)
refresh().then(() => { if (location.hash) read(+location.hash.slice(1)) })
setInterval(refresh, POLL_MS)
