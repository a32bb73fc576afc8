/*
 * Habitue's bridge from GA4: what a page tells Google in its dataLayer, it tells Habitue too, in Segment's words.
 *
 *   <script src="https://habitue.shop.example/bridge.js" data-write-key="KEY" defer></script>
 *
 * data-layer="dataLayer"          the name of the page's data layer
 * data-without="purchase refund"  events that another source, such as the shop's webhooks, tells already
 *
 * It may be loaded before or after the page's own pushes: what is in the data layer is read again. Nothing it does
 * can break the page: a push goes where it always went, first.
 */
(function () {
  "use strict";

  var GA4 = /* the table of ga4.json, put in when served */ null;

  var script = document.currentScript;
  if (!script || window.habitueBridge) return;

  var BASE = new URL(script.src, location.href).origin;
  var WRITE_KEY = script.dataset.writeKey || "";
  var LAYER = script.dataset.layer || "dataLayer";
  var WITHOUT = (script.dataset.without || "").split(/[\s,]+/);
  var KEPT = "habitue_bridge_queue";
  var WAITING_MAX = 200;
  var BATCH_MAX = 50;
  var KEEPALIVE_MAX = 20000;
  var GATHER_MILLISECONDS = 50;
  var PAUSE_MILLISECONDS = 1000;
  var PAUSE_MILLISECONDS_MAX = 60000;

  var queue = kept();
  var timer = 0;
  var sending = false;
  var pause = PAUSE_MILLISECONDS;
  var userId = "";
  var preferences = null;
  var pageTold = false;

  /* --- GA4's events in our words: the same function as `translated` in ga4.py --------------------------------------- */

  function translated(name, params) {
    var rule = own(GA4.events, name);
    if (!rule) return [{ name: name, properties: mapped(params, {}), once: "" }];
    var properties = mapped(params, rule.params || {});
    var items = objects(params.items);
    var order = rule.once ? own(params, rule.once) : undefined;
    var once = (typeof order === "string" && order) || typeof order === "number" ? name + ":" + order : "";
    if (rule.shape === "list") {
      if (items.length) properties.products = items.map(function (item) { return renamed(item, GA4.item); });
      return [{ name: rule.name, properties: properties, once: once }];
    }
    if (rule.shape === "plain" || !items.length) {
      if (rule.shape === "promotion") properties = renamed(properties, GA4.promotion);
      return [{ name: rule.name, properties: properties, once: once }];
    }
    if (items.length > 1) delete properties.value; /* It is what all items are worth together. */
    if (rule.shape === "promotion") properties = renamed(properties, GA4.promotion);
    return items.map(function (item) {
      var fields = renamed(item, rule.shape === "promotion" ? GA4.promotion : GA4.item);
      return { name: rule.name, properties: joined(properties, fields), once: once };
    });
  }

  function mapped(params, special) {
    var found = Object.create(null);
    Object.keys(params).forEach(function (field) {
      if (GA4.dropped.indexOf(field) >= 0) return;
      [].concat(own(special, field) || own(GA4.params, field) || field).forEach(function (name) {
        found[name] = params[field];
      });
    });
    return found;
  }

  function renamed(fields, names) {
    var found = Object.create(null);
    Object.keys(fields).forEach(function (field) { found[own(names, field) || field] = fields[field]; });
    return found;
  }

  function joined(one, other) {
    var found = Object.create(null);
    [one, other].forEach(function (part) {
      Object.keys(part).forEach(function (field) { found[field] = part[field]; });
    });
    return found;
  }

  function objects(value) {
    return Array.isArray(value) ? value.slice(0, GA4.items_max).filter(isObject) : [];
  }

  function isObject(value) { return typeof value === "object" && value !== null && !Array.isArray(value); }

  function own(object, name) { return Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined; }

  /* --- reading the data layer ---------------------------------------------------------------------------------------- */

  /* Two shapes: an object with its event's name, and the arguments of a call of gtag. */
  function read(entry) {
    if (!entry || typeof entry !== "object") return;
    if (Object.prototype.toString.call(entry) === "[object Arguments]") return readCall(entry);
    if (Array.isArray(entry)) return;
    if (entry.user_id) userId = String(entry.user_id);
    if (entry.event === "gtm.js") return tellPage({});
    if (typeof entry.event === "string") tell(entry.event, isObject(entry.ecommerce) ? entry.ecommerce : entry);
  }

  function readCall(call) {
    var what = call[0], name = call[1], params = call[2];
    if (what === "event" && typeof name === "string") return tell(name, isObject(params) ? params : {});
    if (what === "config") {
      if (isObject(params) && params.user_id) userId = String(params.user_id);
      if (!isObject(params) || params.send_page_view !== false) tellPage(isObject(params) ? params : {});
    }
    if (what === "set" && isObject(name) && name.user_id) userId = String(name.user_id);
    if (what === "set" && name === "user_id" && params) userId = String(params);
    if (what === "consent" && isObject(params)) readConsentMode(params);
  }

  /* GA4 tells of a page once, when it is configured; however many tags a page has, it was seen once. */
  function tellPage(config) {
    if (pageTold) return;
    pageTold = true;
    tell("page_view", {
      page_location: config.page_location || location.href,
      page_title: config.page_title || document.title,
      page_referrer: config.page_referrer || document.referrer,
      page_path: location.pathname
    });
  }

  function tell(name, params) {
    if (!own(GA4.events, name) || WITHOUT.indexOf(name) >= 0) return; /* The rest of a data layer is the tags' own. */
    if (name === "page_view") pageTold = true;
    translated(name, copied(params)).forEach(function (event) {
      var isPage = event.name === "Page Viewed";
      var item = {
        type: isPage ? "page" : "track",
        messageId: event.once ? "ga4-" + event.once : random(),
        anonymousId: anonymousId(),
        timestamp: new Date().toISOString(),
        properties: event.properties,
        context: context()
      };
      if (!isPage) item.event = event.name;
      if (userId) item.userId = userId;
      queue.push(item);
    });
    queue = queue.slice(-WAITING_MAX);
    keep();
    soon(GATHER_MILLISECONDS);
  }

  /* Field by field: an element of the page among them, or whatever else cannot be written, costs itself alone. */
  function copied(params) {
    var found = Object.create(null);
    Object.keys(params).forEach(function (field) {
      try {
        var text = JSON.stringify(params[field]);
        if (text !== undefined) found[field] = JSON.parse(text);
      } catch (error) { /* a circle, a getter that throws, a big integer */ }
    });
    return found;
  }

  /* --- who and in what circumstances --------------------------------------------------------------------------------- */

  /* The id Segment's client keeps, under the name it keeps it: who adds that client later goes on with the same visitor. */
  function anonymousId() {
    var name = "ajs_anonymous_id";
    var known = "";
    try {
      var stored = localStorage.getItem(name);
      known = stored && stored.charAt(0) === '"' ? JSON.parse(stored) : stored;
    } catch (error) { /* storage may be forbidden; the cookie may still be there */ }
    known = known || cookie(name).replace(/^"|"$/g, "");
    if (known) return known;
    var made = random();
    try { localStorage.setItem(name, JSON.stringify(made)); } catch (error) { /* as above */ }
    document.cookie = name + "=" + made + "; path=/; max-age=31536000; samesite=lax" +
      (location.protocol === "https:" ? "; secure" : "");
    return made;
  }

  function context() {
    var found = {
      library: { name: "habitue-bridge", version: "1" },
      userAgent: navigator.userAgent,
      locale: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      page: {
        url: location.href, path: location.pathname, search: location.search, title: document.title,
        referrer: document.referrer
      }
    };
    var client = cookie("_ga").split(".").slice(-2).join(".");
    if (client) found.externalIds = [{ id: client, type: "ga_client_id", collection: "users", encoding: "none" }];
    var campaign = {};
    new URLSearchParams(location.search).forEach(function (value, field) {
      if (field.indexOf("utm_") === 0) campaign[field === "utm_campaign" ? "name" : field.slice(4)] = value;
    });
    if (Object.keys(campaign).length) found.campaign = campaign;
    if (navigator.globalPrivacyControl) found.gpc = true;
    if (preferences) found.consent = { categoryPreferences: preferences };
    return found;
  }

  function cookie(name) {
    var found = document.cookie.match(new RegExp("(?:^|;\\s*)" + name + "=([^;]+)"));
    try { return found ? decodeURIComponent(found[1]) : ""; } catch (error) { return found[1]; }
  }

  function random() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
  }

  /* --- what she has agreed to: we read what the page's consent tool says, we ask nothing ------------------------------ */

  var MODES = {
    ad_storage: "advertising", analytics_storage: "analytics", functionality_storage: "functional",
    personalization_storage: "personalization"
  };

  function readConsentMode(said) {
    Object.keys(MODES).forEach(function (mode) {
      if (own(said, mode) === undefined) return;
      preferences = preferences || {};
      preferences[MODES[mode]] = said[mode] === "granted";
    });
  }

  /* The purposes of IAB's framework (TCF 2.2) behind each of our categories; all of them are needed for a yes. */
  var PURPOSES = { functional: [1], advertising: [2, 3, 4, 7], personalization: [5, 6], analytics: [8, 9] };
  var listening = false;

  function listenToConsent() {
    if (listening || typeof window.__tcfapi !== "function") return;
    listening = true;
    window.__tcfapi("addEventListener", 2, function (said, worked) {
      if (!worked || !said || said.gdprApplies === false || said.eventStatus === "cmpuishown") return;
      var consents = (said.purpose && said.purpose.consents) || {};
      preferences = {};
      Object.keys(PURPOSES).forEach(function (category) {
        preferences[category] = PURPOSES[category].every(function (purpose) { return consents[purpose] === true; });
      });
    });
  }

  /* --- sending --------------------------------------------------------------------------------------------------------- */

  function soon(milliseconds) {
    if (timer || sending) return;
    timer = setTimeout(send, milliseconds);
  }

  function body(batch) {
    return JSON.stringify({ writeKey: WRITE_KEY, batch: batch, sentAt: new Date().toISOString() });
  }

  function send() {
    timer = 0;
    if (sending || !queue.length) return;
    sending = true;
    var batch = queue.slice(0, BATCH_MAX);
    var text = body(batch);
    /* text/plain needs no preflight; keepalive survives the click that leaves the page, and carries 64 KB at most. */
    fetch(BASE + "/v1/batch", {
      method: "POST", body: text, headers: { "Content-Type": "text/plain" }, keepalive: text.length < KEEPALIVE_MAX,
      credentials: "omit"
    }).then(function (answer) {
      if (answer.status !== 200 && answer.status !== 400) {
        throw Number(answer.headers.get("Retry-After")) * 1000 || 0;
      }
      queue = queue.filter(function (item) { return batch.indexOf(item) < 0; });
      pause = PAUSE_MILLISECONDS;
      keep();
      return 0;
    }).catch(function (asked) {
      var wait = Math.max(pause, typeof asked === "number" ? asked : 0);
      pause = Math.min(pause * 2, PAUSE_MILLISECONDS_MAX);
      return wait;
    }).then(function (wait) {
      sending = false;
      if (queue.length) soon(wait);
    });
  }

  /* What is not confirmed goes with the visitor to the next page, where it is sent again; the server knows repetitions. */
  function keep() {
    try { sessionStorage.setItem(KEPT, JSON.stringify(queue)); } catch (error) { /* storage may be full or forbidden */ }
  }

  function kept() {
    try {
      var found = JSON.parse(sessionStorage.getItem(KEPT));
      return Array.isArray(found) ? found : [];
    } catch (error) { return []; }
  }

  function leave() {
    if (queue.length && navigator.sendBeacon) navigator.sendBeacon(BASE + "/v1/batch", body(queue.slice(0, BATCH_MAX)));
  }

  /* --- begin ------------------------------------------------------------------------------------------------------------ */

  function readSafely(entry) {
    try { listenToConsent(); read(entry); } catch (error) { /* The page goes on, whatever it put there. */ }
  }

  window.habitueBridge = { translated: translated };
  var layer = window[LAYER] = window[LAYER] || [];
  listenToConsent();
  Array.prototype.slice.call(layer).forEach(readSafely);
  var push = layer.push;
  layer.push = function () {
    var answer = push.apply(layer, arguments);
    Array.prototype.forEach.call(arguments, readSafely);
    return answer;
  };
  document.addEventListener("DOMContentLoaded", listenToConsent);
  window.addEventListener("load", listenToConsent);
  window.addEventListener("pagehide", leave);
  if (queue.length) soon(0);
})();
