// The condition as text: colours and the underlined mistake behind a plain text field, and a list of what could follow.
const TOKEN = /"[^"\n]*"?|'[^'\n]*'?|#[^\n]*|\b\d+(?:\.\d+)?\b|[A-Za-z_][\w.]*|[^]/g;
const WORDS = new Set(["and", "or", "not", "in", "True", "False", "None", "true", "false", "null", "none"]);
const EVENTS_OF = new Set(["count", "did", "sum", "avg", "min", "max", "first", "last", "distinct", "days_since", "sequence"]);
const LIST_OF = { segment: "segments", reachable: "channels", consents: "channels", affinity: "affinities", occasion: "occasions" };
const LIST_MAX = 8;

export class Text {
  constructor(field, back, list, words, changed) {
    Object.assign(this, { field, back, list, words, changed, wrong: null, offers: [], at: -1 });
    this.functions = new Set(words.functions.map(([name]) => name));
    field.addEventListener("input", () => { this.wrong = null; this.draw(); this.offer(); changed(); });
    field.addEventListener("scroll", () => { back.scrollTop = field.scrollTop; });
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    field.addEventListener("click", () => this.close());
    new ResizeObserver(() => this.fit()).observe(field.parentElement);
    this.draw();
  }

  get value() { return this.field.value; }

  set(text) {
    if (text === this.field.value) return;
    this.field.value = text;
    this.wrong = null;
    this.draw();
  }

  error(error) {
    const said = document.getElementById("code-error");
    this.wrong = error && error.offset !== undefined ? error : null;
    said.textContent = error ? (error.line !== undefined ? `Line ${error.line}, column ${error.column}: ` : "") + error.message : "";
    this.field.setAttribute("aria-invalid", String(Boolean(error)));
    this.draw();
  }

  focusError() {
    this.field.focus();
    if (this.wrong) this.field.setSelectionRange(this.wrong.offset, this.wrong.end);
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  // --- colours and the mistake ------------------------------------------------------------------------------------------
  draw() {
    const text = this.value, parts = document.createDocumentFragment();
    const put = (piece, name, start) => {
      const { wrong } = this;
      const from = wrong ? Math.max(wrong.offset, start) : 0, to = wrong ? Math.min(wrong.end, start + piece.length) : 0;
      const span = (words, more) => {
        if (!words) return;
        const element = document.createElement("span");
        element.className = [name, more].filter(Boolean).join(" ");
        element.textContent = words;
        parts.append(element);
      };
      if (!wrong || from >= to) return span(piece);
      span(piece.slice(0, from - start));
      span(piece.slice(from - start, to - start), "code-wrong");
      span(piece.slice(to - start));
    };
    for (const match of text.matchAll(TOKEN)) {
      const [piece] = match, first = piece[0];
      const kind = first === '"' || first === "'" ? "code-string"
        : first === "#" ? "code-comment"
        : /\d/.test(first) ? "code-number"
        : WORDS.has(piece) ? "code-word"
        : this.functions.has(piece) && text[match.index + piece.length] === "(" ? "code-call" : "";
      put(piece, kind, match.index);
    }
    if (this.wrong && this.wrong.offset >= text.length) {
      const end = document.createElement("span");
      end.className = "code-wrong code-end";
      end.textContent = "\u00a0";
      parts.append(end);
    }
    parts.append("\n");
    this.back.replaceChildren(parts);
    this.fit();
  }

  // --- what could stand here ----------------------------------------------------------------------------------------------
  key(event) {
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); this.offer(true); return; }
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); this.mark((this.at + step + this.offers.length) % this.offers.length); }
    else if (event.key === "Tab" || (event.key === "Enter" && this.chosen)) { event.preventDefault(); this.take(this.offers[this.at]); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
    if (step) this.chosen = true;
  }

  // Where the caret stands: within quotes, and of which call; else the name begun.
  place() {
    const before = this.value.slice(0, this.field.selectionStart);
    const open = /(["'])((?:(?!\1)[^\n])*)$/.exec(before);
    const quotes = before.split("\n").pop().replace(/\\./g, "").match(/["']/g) || [];
    if (open && quotes.length % 2) {
      const ahead = before.slice(0, open.index);
      const keyword = /(\w+)\s*=\s*\(?\s*(?:"[^"]*"\s*,\s*)?$/.exec(ahead)?.[1];
      const call = this.callAround(ahead);
      const first = new RegExp(`\\b${call}\\s*\\(\\s*$`).test(ahead);
      const list = keyword === "within" || keyword === "apart" ? "spans" : keyword === "tz" ? "zones" : keyword === "topic" ? "topics"
        : keyword === "without" ? "events" : (EVENTS_OF.has(call) && (first || call === "sequence")) ? "events" : first ? LIST_OF[call] : undefined;
      return { begun: open[2], quote: open[1], list };
    }
    return { begun: /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? "", quote: "", list: undefined };
  }

  callAround(ahead) {
    let depth = 0;
    for (let at = ahead.length - 1; at >= 0; at -= 1) {
      if (ahead[at] === ")") depth += 1;
      else if (ahead[at] === "(" && depth) depth -= 1;
      else if (ahead[at] === "(") { const name = /(\w+)\s*$/.exec(ahead.slice(0, at))?.[1]; if (name) return name; }
    }
    return "";
  }

  offer(always = false) {
    const { begun, quote, list } = this.place();
    const after = this.value[this.field.selectionStart] || "";
    if (!always && ((!quote && begun.length < 1) || /\w/.test(after))) return this.close();
    const folded = begun.toLowerCase();
    const all = quote
      ? (this.words.lists[list] || []).map(([name, said]) => ({ name, said, quote }))
      : [
          ...this.words.functions.map(([name, example, said]) => ({ name, said, example, call: true })),
          ...this.words.lists.known.filter(([name]) => !name.includes("(")).map(([name, said]) => ({ name, said })),
          ...["and", "or", "not", "in"].map((name) => ({ name, said: "" })),
        ];
    const found = all.filter(({ name }) => name.toLowerCase().includes(folded) && (name !== begun || always));
    found.sort((one, other) => Number(other.name.toLowerCase().startsWith(folded)) - Number(one.name.toLowerCase().startsWith(folded)));
    if (!found.length || all.some(({ name }) => name === begun && !always)) return this.close();
    this.begun = begun;
    this.show(found.slice(0, LIST_MAX));
  }

  show(offers) {
    this.offers = offers;
    this.chosen = false;
    this.list.replaceChildren(...offers.map((offer, place) => {
      const item = document.createElement("li"), name = document.createElement("span"), said = document.createElement("span");
      item.id = `code-offer-${place}`;
      item.setAttribute("role", "option");
      name.className = "code-offer";
      name.textContent = offer.name + (offer.call ? "(…)" : "");
      said.className = "muted small";
      said.textContent = offer.said;
      item.append(name, said);
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); this.take(offer); });
      return item;
    }));
    this.list.hidden = false;
    this.field.setAttribute("aria-controls", this.list.id);
    this.put();
    this.mark(0);
  }

  // Under the caret: the text behind the field stands exactly where the field's own does.
  put() {
    const caret = this.field.selectionStart - this.begun.length;
    const walker = document.createTreeWalker(this.back, NodeFilter.SHOW_TEXT);
    let left = caret, node = walker.nextNode();
    while (node && left > node.length) { left -= node.length; node = walker.nextNode(); }
    if (!node) return;
    const range = document.createRange();
    range.setStart(node, left);
    range.collapse(true);
    const at = range.getBoundingClientRect(), frame = this.field.parentElement.getBoundingClientRect();
    const room = frame.width - this.list.offsetWidth;
    this.list.style.left = `${Math.max(0, Math.min(at.left - frame.left, room))}px`;
    this.list.style.top = `${at.bottom - frame.top + 4}px`;
  }

  mark(place) {
    this.at = place;
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    this.list.children[place]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `code-offer-${place}`);
  }

  take(offer) {
    const end = this.field.selectionStart, start = end - this.begun.length;
    let put = offer.name, caret = put.length;
    const after = this.value.slice(end);
    if (offer.quote && after[0] !== offer.quote) { put += offer.quote; caret = put.length; }
    else if (offer.quote) caret += 1;
    if (offer.call && after[0] !== "(") {
      const quoted = offer.example.includes('("');
      put += quoted ? '("")' : "()";
      caret += quoted ? 2 : 1;
    }
    this.field.focus();
    this.field.setRangeText(put, start, end, "end");
    this.field.setSelectionRange(start + caret, start + caret);
    this.close();
    this.field.dispatchEvent(new Event("input"));
  }

  close() {
    this.list.hidden = true;
    this.offers = [];
    this.field.removeAttribute("aria-activedescendant");
  }
}
