// The builder: keeps rows, text, plain words and the count of one condition together. The server reads; this only shows.
import { Rows } from "./rows.js";
import { Text } from "./text.js";

const form = document.getElementById("builder");
const data = (name) => JSON.parse(form.dataset[name]);
const field = (name) => form.elements.namedItem(name);
const plain = document.getElementById("plain");
const WAIT = 300, RETRY = 4000;

let writes = "text"; // Which of the two was edited last: it is what the server reads, and what is saved.
let answer = data("shown");
let waiting = 0, asking = null;
let isUnsaved = Boolean(document.querySelector(".notice.tone-bad")); // What could not be saved is not saved.

const words = data("words");
const rows = new Rows(document.getElementById("as-rows"), data("kinds"), data("blanks"), words, () => edited("rows"), asText);
const text = new Text(document.getElementById("code-text"), document.getElementById("code-back"), document.getElementById("code-list"), words, () => edited("text"));

// --- asking the server -------------------------------------------------------------------------------------------------
const asked = (given) => {
  const body = new FormData();
  for (const name of ["form_token", "name", "page"]) body.set(name, field(name).value);
  for (const [name, value] of Object.entries(given)) body.set(name, value);
  return body;
};
const present = () => (writes === "rows" ? { outline: JSON.stringify(rows.outline) } : { text: text.value });
const post = async (address, given, signal) => {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const response = await fetch(address, { method: "POST", body: asked(given), signal, headers })
    .catch((error) => { throw error.name === "AbortError" ? error : new Error("The server cannot be reached. What you wrote is still here."); });
  const away = response.headers.get("HX-Redirect");
  if (away) { keep(); location.href = away; }
  if (!response.ok) throw new Error(await response.text() || "The server answered with an error.");
  return response;
};
const say = (said) => {
  const toast = document.getElementById("toast");
  toast.textContent = said;
  toast.hidden = !said;
};

// The session is over: what was written waits in this browser until after the sign-in, and is gone when the tab is closed.
const KEPT = `habitue-kept ${location.pathname}${location.search}`;
function keep() {
  const names = Object.fromEntries(["title", "description"].filter(field).map((name) => [name, field(name).value]));
  try { sessionStorage.setItem(KEPT, JSON.stringify({ writes, text: text.value, outline: rows.outline, names })); } catch { return; }
  isUnsaved = false;
}
function takeBack() {
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(KEPT)); sessionStorage.removeItem(KEPT); } catch { /* private window */ }
  if (!kept) return false;
  for (const [name, value] of Object.entries(kept.names)) if (field(name)) field(name).value = value;
  text.set(kept.text);
  if (kept.writes === "rows") rows.set(kept.outline);
  edited(kept.writes);
  say("What you wrote before your session ended is here again.");
  return kept.writes;
}

function edited(which) {
  writes = which;
  isUnsaved = true;
  clearTimeout(waiting);
  waiting = setTimeout(read, WAIT);
}

async function read() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const found = await (await post(form.dataset.read, present(), signal)).json();
    say("");
    show(found);
  } catch (error) {
    if (error.name === "AbortError") return;
    say(error.message.slice(0, 200));
    plain.classList.add("is-old");
    waiting = setTimeout(read, RETRY);
  }
}

function show(found) {
  const { error } = found;
  text.error(writes === "text" ? error : null);
  rows.error(writes === "rows" ? error : null);
  plain.classList.toggle("is-old", Boolean(error));
  form.classList.toggle("has-error", Boolean(error));
  if (error) return stop();
  const same = found.text === answer.text && shown;
  answer = found;
  plain.textContent = found.plain.charAt(0).toUpperCase() + found.plain.slice(1);
  if (writes === "rows") text.set(found.text);
  else rows.set(found.outline);
  if (!same) count();
}

// A row as text: the server writes it.
async function asText(row) {
  const found = await (await post(form.dataset.read, { outline: JSON.stringify({ kind: "all", items: [row] }) })).json();
  return found.error ? null : found.text;
}

// --- how many, and how that moved ----------------------------------------------------------------------------------------
let counting = null, shown = false;
const stop = () => { counting?.abort(); for (const name of ["count", "course"]) busy(name, false); };
const busy = (name, is) => {
  document.getElementById(`${name}-busy`).hidden = !is;
  document.getElementById(name).classList.toggle("is-old", is);
};
async function fill(name, signal) {
  const place = document.getElementById(name);
  busy(name, true);
  try {
    const response = await post(place.dataset.from, present(), signal);
    if (response.status === 204) return false;
    place.innerHTML = await response.text(); // Escaped by the server's templates.
    document.dispatchEvent(new Event("htmx:afterSwap")); // Charts and times look for what is new.
    busy(name, false);
    return true;
  } catch (error) {
    if (error.name !== "AbortError") { busy(name, false); window.sayFailed(place, error.message.slice(0, 200), count); }
    return false;
  }
}
async function count() {
  shown = true;
  counting?.abort();
  counting = new AbortController();
  const { signal } = counting;
  if (await fill("count", signal)) await fill("course", signal);
}

// --- what was really seen: offered in the lists, and while the text is typed ----------------------------------------------
async function learn() {
  try {
    const response = await post(form.dataset.seen, {});
    if (response.status === 204) return;
    const found = await response.json();
    const known = new Set(words.lists.known.map(([name]) => name));
    words.lists.known.push(...Object.keys(found.values).filter((name) => !known.has(name)).map((name) => [name, "a trait"]));
    words.lists.events = found.events;
    rows.learn(found);
  } catch { /* The lists stay as they are. */ }
}

// --- the two tabs ----------------------------------------------------------------------------------------------------------
const tabs = [...form.querySelectorAll("[role=tab]")];
const open = (tab, focus = false) => {
  for (const one of tabs) {
    const is = one === tab;
    one.setAttribute("aria-selected", String(is));
    one.tabIndex = is ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !is;
  }
  if (focus) tab.focus();
  text.fit();
  try { localStorage.setItem("habitue-builder", tab.id); } catch { /* private window */ }
};
for (const tab of tabs) {
  tab.addEventListener("click", () => open(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); open(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length], true); }
  });
}

form.addEventListener("submit", (event) => {
  if (form.classList.contains("has-error")) {
    event.preventDefault();
    open(document.getElementById(writes === "rows" ? "tab-rows" : "tab-text"));
    (writes === "rows" ? rows : text).focusError();
    return;
  }
  isUnsaved = false;
  const outline = field("outline");
  outline.disabled = writes !== "rows";
  outline.value = writes === "rows" ? JSON.stringify(rows.outline) : "";
});
for (const name of ["title", "description"]) field(name)?.addEventListener("input", () => { isUnsaved = true; });
addEventListener("beforeunload", (event) => { if (isUnsaved && field("title")) event.preventDefault(); });
// Enter in a field of a row goes on; it does not save.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("#as-rows input")) event.preventDefault();
});

let wanted = "tab-rows";
try { wanted = localStorage.getItem("habitue-builder") || wanted; } catch { /* private window */ }
if (answer.error) { text.error(answer.error); wanted = "tab-text"; form.classList.add("has-error"); }
else { rows.set(answer.outline); count(); }
const back = takeBack();
if (back) wanted = `tab-${back}`;
open(document.getElementById(wanted) || tabs[0]);
learn();
