/*
 * Habitue on site: asks whether there is a message for this visitor, shows it as a banner or a pop-up, and reports back.
 *
 *   <script src="https://habitue.shop.example/onsite.js" data-write-key="KEY" defer></script>
 *
 * It knows the visitor by the anonymous id that the Segment client keeps. What it shows is set as text, never as markup,
 * inside a closed shadow root: the page's styles do not reach it. It takes on the page's typefaces, light or dark, and
 * changes nothing of the page's.
 */
(function () {
  "use strict";

  var script = document.currentScript;
  if (!script || window.__habitueOnsite) return;
  window.__habitueOnsite = true;

  var BASE = new URL(script.src, location.href).origin;
  var WRITE_KEY = script.dataset.writeKey || "";
  var POLL_MILLISECONDS = 5000;
  var POLL_MILLISECONDS_MAX = 120000;

  var pause = POLL_MILLISECONDS;
  var timer = 0;
  var color = "";
  var seen = Object.create(null);
  var queue = [];
  var showing = false;
  var stopped = false;

  /* --- who is here ------------------------------------------------------------------------------------------------ */

  function anonymousId() {
    try {
      var kept = localStorage.getItem("ajs_anonymous_id");
      if (kept) return kept.charAt(0) === '"' ? JSON.parse(kept) : kept;
    } catch (error) { /* storage may be forbidden; the cookie may still be there */ }
    var cookie = document.cookie.match(/(?:^|;\s*)ajs_anonymous_id=([^;]+)/);
    return cookie ? decodeURIComponent(cookie[1]).replace(/^"|"$/g, "") : "";
  }

  /* --- asking ----------------------------------------------------------------------------------------------------- */

  function ask() {
    clearTimeout(timer);
    if (stopped || document.hidden) return; /* Asked again when the page is looked at. */
    var id = anonymousId();
    if (!id) return later(POLL_MILLISECONDS);
    var query = "?writeKey=" + encodeURIComponent(WRITE_KEY) + "&anonymousId=" + encodeURIComponent(id);
    /* "no-cache" lets the browser ask with the ETag it has; setting the header ourselves would cost a preflight. */
    fetch(BASE + "/v1/onsite/messages" + query, { cache: "no-cache", credentials: "omit" })
      .then(function (answer) {
        if (answer.status === 401) { stopped = true; throw new Error("unknown write key"); }
        if (!answer.ok) throw new Error("status " + answer.status);
        return answer.json();
      })
      .then(function (found) {
        pause = POLL_MILLISECONDS;
        color = /^#[0-9a-f]{6}$/i.test(found.color) ? found.color : "";
        found.messages.forEach(function (message) {
          if (seen[message.id]) return;
          seen[message.id] = true;
          queue.push(message);
        });
        next();
      })
      .catch(function () { pause = Math.min(pause * 2, POLL_MILLISECONDS_MAX); })
      .then(function () { later(pause); });
  }

  function later(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(ask, milliseconds);
  }

  function tell(what, message) {
    var body = JSON.stringify({ writeKey: WRITE_KEY, anonymousId: anonymousId(), deliveryId: message.id });
    /* text/plain needs no preflight; keepalive survives the click that leaves the page. */
    fetch(BASE + "/v1/onsite/" + what, {
      method: "POST", body: body, headers: { "Content-Type": "text/plain" }, keepalive: true, credentials: "omit"
    }).catch(function () { /* Not displayed, as far as the server knows: it comes again with the next page. */ });
  }

  /* --- showing ---------------------------------------------------------------------------------------------------- */

  function next() {
    if (showing || !queue.length) return;
    var message = queue.shift();
    showing = true;
    show(message, function () { showing = false; setTimeout(next, 1500); });
    tell("displayed", message);
  }

  function show(message, done) {
    var host = document.createElement("div");
    var root = host.attachShadow({ mode: "closed" });
    var before = document.activeElement;
    var popup = message.type === "popup";

    var style = element("style");
    style.textContent = STYLE;
    var cover = element("div", popup ? "cover" : "strip");
    var card = element("section", "card");
    if (color) {
      card.style.setProperty("--accent", color);
      card.style.setProperty("--on-accent", inkOn(color));
    }
    wearPage(card);
    card.setAttribute("role", popup ? "dialog" : "region");
    if (popup) card.setAttribute("aria-modal", "true");
    card.setAttribute("aria-labelledby", "title");
    card.tabIndex = -1;

    var image = address(message.image);
    if (image) {
      var picture = element("img", "picture");
      picture.alt = "";
      picture.addEventListener("error", function () { picture.remove(); });
      picture.src = image;
      card.appendChild(picture);
    }
    var words = element("div", "words");
    var title = element("h2", "title", message.title);
    title.id = "title";
    words.appendChild(title);
    if (message.body) words.appendChild(element("p", "body", message.body));
    card.appendChild(words);

    var url = address(message.url);
    if (url && message.button) {
      var button = element("a", "button", message.button);
      button.href = url;
      button.addEventListener("click", function () { tell("clicked", message); close(); });
      card.appendChild(button);
    }
    var dismiss = element("button", "close", "\u00d7");
    dismiss.type = "button";
    dismiss.setAttribute("aria-label", "Close");
    dismiss.addEventListener("click", refuse);
    card.appendChild(dismiss);

    cover.addEventListener("click", function (event) { if (popup && event.target === cover) refuse(); });
    root.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { event.stopPropagation(); refuse(); }
      if (event.key === "Tab" && popup) keepInside(event, root, card);
    });

    cover.appendChild(card);
    root.appendChild(style);
    root.appendChild(cover);
    document.body.appendChild(host);
    /* A pop-up takes the focus and gives it back; a banner must not interrupt what she is typing. */
    if (popup) card.focus({ preventScroll: true });

    function refuse() { tell("dismissed", message); close(); }
    function close() {
      host.remove();
      if (popup && before && before.focus) before.focus({ preventScroll: true });
      done();
    }
  }

  function keepInside(event, root, card) {
    var stops = Array.prototype.slice.call(card.querySelectorAll("a, button"));
    var first = stops[0], last = stops[stops.length - 1], at = root.activeElement;
    if (event.shiftKey && (at === first || at === card)) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && at === last) { event.preventDefault(); first.focus(); }
  }

  function element(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  /* Only http(s) and addresses relative to the page; anything else, such as "javascript:", is left out. */
  function address(text) {
    if (!text) return "";
    try {
      var url = new URL(text, location.href);
      return url.protocol === "http:" || url.protocol === "https:" ? url.href : "";
    } catch (error) { return ""; }
  }

  /* The page's own typefaces, and light or dark as the page is: the piece is to look as if the shop had made it. */
  function wearPage(card) {
    var heading = document.querySelector("h1, h2") || document.body;
    card.style.fontFamily = getComputedStyle(document.body).fontFamily;
    card.style.setProperty("--heading", getComputedStyle(heading).fontFamily);
    if (pageIsDark()) card.classList.add("dark");
  }

  function pageIsDark() {
    var ground = [document.body, document.documentElement].map(function (one) {
      return /^rgba?\((\d+), (\d+), (\d+)(?:, (.+))?\)$/.exec(getComputedStyle(one).backgroundColor);
    }).filter(function (found) { return found && found[4] !== "0"; })[0];
    if (ground) return luminance([+ground[1], +ground[2], +ground[3]]) < 0.2;
    /* No ground of its own: the browser paints it, dark only for pages that say they can be. */
    var schemes = getComputedStyle(document.documentElement).colorScheme || "";
    return schemes === "dark" || (/dark/.test(schemes) && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  /* White or near-black, whichever can be read on the colour. */
  function inkOn(hex) {
    var parts = [1, 3, 5].map(function (at) { return parseInt(hex.substr(at, 2), 16); });
    return luminance(parts) < 0.36 ? "#ffffff" : "#16181d";
  }

  /* Relative luminance (WCAG 2.2) of red, green and blue, 0 to 255 each. */
  function luminance(parts) {
    var light = parts.map(function (part) {
      part /= 255;
      return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
  }

  var STYLE = [
    ":host { all: initial; }",
    "* { box-sizing: border-box; }",
    ".cover, .strip { position: fixed; z-index: 2147483000; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto,",
    "  'Helvetica Neue', sans-serif; }",
    ".cover { inset: 0; display: grid; place-items: center; padding: 20px; background: rgb(15 16 20 / .5);",
    "  backdrop-filter: blur(3px); animation: fade .2s ease-out; }",
    ".strip { left: 16px; right: 16px; bottom: max(16px, env(safe-area-inset-bottom)); display: flex;",
    "  justify-content: center; pointer-events: none; }",
    ".card { --accent: #1f5c4d; --on-accent: #fff; --sheet: #fff; --ink: #1c1e22; --soft: #5d6169; --line: #e6e4df;",
    "  position: relative; background: var(--sheet); color: var(--ink); border: 1px solid var(--line);",
    "  border-radius: 18px; box-shadow: 0 18px 60px rgb(0 0 0 / .22); outline: none; pointer-events: auto; }",
    ".cover .card { width: 100%; max-width: 400px; max-height: 90vh; overflow: auto; padding: 28px; text-align: center;",
    "  animation: rise .28s cubic-bezier(.2,.8,.2,1); }",
    /* Its own shape, so that the round corners are the picture's and not those of an empty box around it. */
    ".cover .picture { display: block; max-width: 100%; max-height: 240px; margin: 0 auto 22px; border-radius: 14px; }",
    ".strip .card { display: flex; align-items: center; gap: 16px; width: 100%; max-width: 660px;",
    "  padding: 14px 56px 14px 18px; animation: rise .28s cubic-bezier(.2,.8,.2,1); }",
    ".strip .picture { width: 56px; height: 56px; object-fit: cover; border-radius: 10px; flex: none; }",
    ".words { flex: 1; min-width: 0; }",
    ".title { margin: 0; font-family: var(--heading); font-size: 1.4em; line-height: 1.25; font-weight: 600; letter-spacing: -.01em;",
    "  overflow-wrap: anywhere; text-wrap: balance; }",
    ".strip .title { font-size: 1.08em; }",
    ".body { margin: 10px 0 0; color: var(--soft); overflow-wrap: anywhere; white-space: pre-line; text-wrap: pretty; }",
    ".strip .body { margin: 2px 0 0; font-size: .92em; line-height: 1.4; }",
    ".button { display: inline-block; padding: 13px 24px; border-radius: 12px; background: var(--accent);",
    "  color: var(--on-accent); font-weight: 600; text-decoration: none; text-align: center; }",
    ".cover .button { display: block; margin-top: 24px; }",
    ".strip .button { padding: 10px 16px; flex: none; }",
    ".button:hover { filter: brightness(1.07); }",
    ".close { position: absolute; top: 10px; right: 10px; width: 40px; height: 40px; border: 0; border-radius: 50%;",
    "  background: transparent; color: var(--soft); font: 24px/1 system-ui, sans-serif; cursor: pointer; }",
    ".cover .title { padding: 0 26px; }",
    ".strip .close { top: 50%; transform: translateY(-50%); }",
    ".close:hover { background: rgb(128 128 128 / .14); }",
    ":focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }",
    ".card:focus-visible { outline: none; }",
    ".card.dark { --sheet: #1d1f23; --ink: #eeece8; --soft: #a9acb3; --line: #33363b; }",
    "@media (max-width: 520px) { .strip .card { flex-wrap: wrap; padding: 16px 18px; } .strip .button { flex: 1 0 100%; }",
    "  .strip .words { flex: 1 1 120px; padding-right: 34px; } .strip .close { top: 8px; transform: none; } }",
    "@media (prefers-reduced-motion: reduce) { .cover, .card { animation: none !important; } }",
    "@keyframes fade { from { opacity: 0; } }",
    "@keyframes rise { from { opacity: 0; transform: translateY(14px); } }"
  ].join("\n");

  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ask);
  else ask();
})();
