// What the pages need beyond htmx: relative times, keys, menu, theme, live parts that leave unfolded things alone.
(() => {
  const root = document.documentElement;
  const base = document.body.dataset.base;

  // --- relative times: counted from the run clock, which a demo may run faster than ours -----------------------------
  let ahead = 0;
  const setNow = (iso) => { const at = Date.parse(iso); if (!Number.isNaN(at)) ahead = at - Date.now(); };
  setNow(root.dataset.now);

  const words = (milliseconds) => {
    const future = milliseconds < 0;
    const seconds = Math.abs(milliseconds) / 1000;
    const [count, unit] =
      seconds < 45 ? [0, "now"]
      : seconds < 90 * 60 ? [Math.max(1, Math.round(seconds / 60)), "min"]
      : seconds < 36 * 3600 ? [Math.round(seconds / 3600), "hour"]
      : seconds < 45 * 86400 ? [Math.round(seconds / 86400), "day"]
      : seconds < 550 * 86400 ? [Math.round(seconds / 2629800), "month"]
      : [Math.round(seconds / 31557600), "year"];
    if (unit === "now") return future ? "in a moment" : "just now";
    const said = `${count} ${unit}${count === 1 || unit === "min" ? "" : "s"}`;
    return future ? `in ${said}` : `${said} ago`;
  };
  const tellTimes = () => {
    const now = Date.now() + ahead;
    for (const element of document.querySelectorAll("[data-ago]")) {
      const time = element.closest("time");
      const text = words(now - Date.parse(time.dateTime));
      if (element.textContent !== text) element.textContent = text;
    }
  };
  tellTimes();
  setInterval(tellTimes, 10_000);

  // --- menu and theme ------------------------------------------------------------------------------------------------
  const menuButton = document.querySelector("[data-menu]");
  const setMenu = (open) => {
    if (!menuButton) return;
    document.body.classList.toggle("menu-open", open);
    menuButton.setAttribute("aria-expanded", String(open));
    document.querySelector(".veil").hidden = !open;
    if (open) document.querySelector("#side a, #side input")?.focus();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-menu]")) setMenu(!document.body.classList.contains("menu-open"));
    else if (event.target.closest("[data-menu-close]")) setMenu(false);
    else if (event.target.closest("[data-theme-toggle]")) window.toggleTheme();
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, summary, details, pre") && !String(getSelection())) location.href = row.dataset.href;
    const width = event.target.closest("[data-frame-width]");
    if (width) {
      document.querySelector(".frame")?.classList.toggle("frame-phone", width.dataset.frameWidth === "phone");
      for (const other of document.querySelectorAll("[data-frame-width]")) other.setAttribute("aria-pressed", String(other === width));
    }
  });

  // --- pictures that cannot be had: their frame stays, empty ------------------------------------------------------------
  const EMPTY = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
  const missing = (picture) => { if (picture.src !== EMPTY) picture.src = EMPTY; };
  document.addEventListener("error", (event) => { if (event.target.tagName === "IMG") missing(event.target); }, true);
  for (const picture of document.images) if (picture.complete && !picture.naturalWidth) missing(picture);

  // --- keys ----------------------------------------------------------------------------------------------------------
  let waitsForPage = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { setMenu(false); if (event.target.matches("input[type=search]")) event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (waitsForPage && Date.now() - waitsForPage < 1500) {
      waitsForPage = 0;
      const link = document.querySelector(`.menu a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); location.href = link.href; }
      return;
    }
    if (event.key === "g") waitsForPage = Date.now();
    else if (event.key === "t") window.toggleTheme();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else if (event.key === "/") {
      const field = document.querySelector("main [data-search]") || document.querySelector("[data-search]");
      if (!field) return;
      event.preventDefault();
      if (field.offsetParent === null) setMenu(true);
      field.focus();
      field.select();
    }
  });

  // --- forms: some cannot be taken back, and none is sent twice by a double click -----------------------------------------
  const SENT_MILLISECONDS = 3000; // A form whose answer is a file stays on the page and may be sent again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    const question = form.dataset.confirm;
    if (form.dataset.sent || (question && !confirm(question))) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, SENT_MILLISECONDS);
  });

  // --- htmx ----------------------------------------------------------------------------------------------------------
  const toast = document.getElementById("toast");
  let complainer = null; // Whose complaint the toast shows: another part's success does not take it away.
  const say = (text, from = null) => {
    complainer = from;
    if (toast) { toast.textContent = text; toast.hidden = !text; }
  };
  const isLive = (element) => element.hasAttribute("data-live");

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-Form-Token"] = document.body.dataset.formToken;
    const tag = event.detail.elt.dataset.tag;
    if (isLive(event.detail.elt)) event.detail.headers["X-Unattended"] = "yes";
    if (isLive(event.detail.elt) && tag) event.detail.headers["X-Tag"] = tag;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    // A page nobody looks at asks for nothing.
    if (isLive(event.detail.elt) && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, elt } = event.detail;
    if (!xhr) return;
    setNow(xhr.getResponseHeader("X-Now") || "");
    const tag = xhr.getResponseHeader("X-Tag");
    if (tag && isLive(elt)) elt.dataset.tag = tag;
    if ((event.detail.successful || xhr.status === 204) && (!complainer?.isConnected || complainer === elt)) say("");
    tellTimes();
  });

  // The session is over, and the whole page is led to the sign-in: what was typed into forms waits in this tab for the way back.
  const KEPT = `habitue-fields ${location.pathname}${location.search}`;
  const typed = () => [...document.querySelectorAll("main form[method=post] :is(input, textarea, select)")]
    .filter((one) => one.name && !["hidden", "password", "submit"].includes(one.type) && one.value !== (one.defaultValue ?? ""));
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status !== 401) return;
    const fields = typed().map((one) => [one.form.getAttribute("action"), one.name, one.value]);
    try { if (fields.length) sessionStorage.setItem(KEPT, JSON.stringify(fields)); } catch { /* private window */ }
  });
  try {
    for (const [action, name, value] of JSON.parse(sessionStorage.getItem(KEPT)) || []) {
      const form = [...document.forms].find((one) => one.getAttribute("action") === action);
      if (form?.elements[name] && "value" in form.elements[name]) form.elements[name].value = value;
    }
    sessionStorage.removeItem(KEPT);
  } catch { /* private window */ }

  // What was being waited for and cannot be had says so in its own place; what is there already stays, and a line below says it.
  const RETRY_MILLISECONDS = 4000;
  window.sayFailed = (place, text, again) => {
    const failed = document.getElementById("part-failed").content.cloneNode(true);
    failed.querySelector(".lines").textContent = text;
    failed.querySelector("button").addEventListener("click", again);
    place.replaceChildren(failed);
  };
  const failed = (event, text) => {
    const { target, elt, requestConfig } = event.detail;
    if (!target?.querySelector(".builder-busy, .part-failed")) { say(text, elt); return null; }
    const again = () => htmx.ajax("GET", requestConfig.path, { target, source: target });
    window.sayFailed(target, text, again);
    return again;
  };
  document.addEventListener("htmx:responseError", (event) => failed(event, event.detail.xhr.responseText.slice(0, 200) || "The server answered with an error."));
  document.addEventListener("htmx:timeout", (event) => failed(event, "The server took too long to answer."));
  document.addEventListener("htmx:sendError", (event) => {
    const again = failed(event, "The server cannot be reached. This page goes on by itself once it answers.");
    const place = again && event.detail.target.querySelector(".part-failed");
    if (place) setTimeout(() => { if (place.isConnected) again(); }, RETRY_MILLISECONDS);
  });

  // A live part is replaced whole when there is news; what was unfolded in it is unfolded again.
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    unfolded = [...event.detail.target.querySelectorAll("details[open][id]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    tellTimes();
  });
})();
