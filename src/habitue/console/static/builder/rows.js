// The condition as rows: nested groups of small forms, drawn from what the server says of each kind.
const GROUPS = [["all", "All of these are true"], ["any", "At least one of these is true"], ["none", "None of these is true"]];
const ICONS = "/console/static/vendor/tabler-icons-3.51.0/sprite.svg#";

const make = (tag, given = {}, ...inner) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inner);
  return element;
};
const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", ICONS + name);
  svg.append(use);
  return svg;
};
const copy = (data) => JSON.parse(JSON.stringify(data));
const button = (title, name, onclick) => make("button", { type: "button", class: "icon-button", "aria-label": title, title, onclick }, icon(name));

export class Rows {
  constructor(place, kinds, blanks, words, changed, asText) {
    Object.assign(this, { place, blanks, words, changed, asText, serial: 0, seen: {} });
    this.kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.outline = { kind: "all", items: [] };
    this.lists();
  }

  set(outline) {
    this.outline = copy(outline);
    this.draw();
  }

  lists() {
    for (const [name, items] of Object.entries(this.words.lists)) this.list(`list-${name}`, items);
    for (const [name, values] of Object.entries(this.words.values)) this.list(`list-values-${name}`, values.map((value) => [value, ""]));
  }

  list(id, items) {
    document.body.append(make("datalist", { id }, ...items.map(([value, said]) => make("option", { value, label: said || undefined }))));
  }

  // What was really seen, once the server has looked. It says so of events that never came.
  learn({ events, properties, values }) {
    this.seen = properties;
    this.renew("list-events", events);
    this.renew("list-known", this.words.lists.known);
    for (const [name, offered] of Object.entries(values)) this.renew(`list-values-${name}`, offered.map((value) => [value, ""]));
  }

  renew(id, items) {
    document.getElementById(id)?.remove();
    this.list(id, items);
  }

  // The list a field offers: for a filter of an event, what such events said.
  offered({ suggests }, row, event) {
    if (!event) return `list-values-${row.what}`;
    const told = this.seen[event()] || {};
    const found = suggests === "properties" ? Object.keys(told) : told[row.what] || [];
    this.renew("list-of-event", found.map((value) => [value, ""]));
    return "list-of-event";
  }

  draw() {
    this.places = new Map();
    this.place.replaceChildren(this.group(this.outline, []));
  }

  // After something was added or taken away: drawn anew, with the focus where the work goes on.
  redraw(path, pick) {
    this.draw();
    const place = this.places.get(path.join("."));
    const fields = place ? [...place.querySelectorAll("input, select")].filter((one) => one.offsetParent) : [];
    const target = pick === "add" ? place?.querySelector(":scope > .rule-add > details > summary")
      : pick === "last" ? place?.querySelector(".filter:last-of-type input") : fields.find((one) => !one.value) || fields[0];
    target?.focus();
    this.changed();
  }

  error(error) {
    for (const said of this.place.querySelectorAll(".field-problem")) { said.textContent = ""; said.parentElement.classList.remove("is-wrong"); }
    if (!error) return;
    const path = error.path || [];
    const place = this.places.get(path.join(".")) || this.place.firstElementChild;
    place.classList.add("is-wrong");
    place.querySelector(":scope > .field-problem").textContent = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  }

  focusError() { this.place.querySelector(".is-wrong input, .is-wrong select")?.focus(); }

  // --- groups -------------------------------------------------------------------------------------------------------------
  group(group, path) {
    const element = make("div", { class: path.length ? "rule-group" : "rule-group rule-root", role: "group", "aria-label": "Conditions" });
    this.places.set(path.join("."), element);
    const choose = make("select", { class: "form-select", "aria-label": "How these go together", onchange: () => { group.kind = choose.value; this.changed(); this.joints(element, group); } },
      ...GROUPS.map(([value, title]) => make("option", { value, selected: value === group.kind }, title)));
    const head = make("div", { class: "rule-head" }, choose);
    if (path.length) head.append(button("Remove this group", "minus", () => this.remove(path)));
    const list = make("ul", { class: "rule-rows" });
    group.items.forEach((item, index) => {
      const inner = [...path, index];
      list.append(make("li", {}, item.items ? this.group(item, inner) : this.row(item, inner)));
    });
    element.append(head, list, this.adder(group, path), make("p", { class: "field-problem", role: "status" }));
    this.joints(element, group);
    return element;
  }

  joints(element, group) { element.dataset.joint = group.kind === "all" ? "and" : "or"; }

  adder(group, path) {
    const menu = make("details", { class: "menu-button" }, make("summary", { class: "btn" }, icon("plus"), path.length ? "Add" : "Add a condition"));
    const add = (item) => { group.items.push(item); this.redraw([...path, group.items.length - 1]); };
    const choices = [...this.kinds.values()].map((kind) =>
      make("button", { type: "button", onclick: () => add({ kind: kind.name, ...copy(kind.blank) }) }, icon(kind.icon), kind.title));
    choices.push(make("button", { type: "button", onclick: () => add({ kind: group.kind === "any" ? "all" : "any", items: [{ kind: "did", ...copy(this.kinds.get("did").blank) }] }) }, icon("git-branch"), "A group of conditions"));
    menu.append(make("div", { class: "menu-items" }, ...choices));
    menu.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { menu.open = false; menu.firstElementChild.focus(); event.stopPropagation(); }
      if (!step || !menu.open) return;
      event.preventDefault();
      choices[(choices.indexOf(document.activeElement) + step + choices.length) % choices.length].focus();
    });
    menu.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget)) menu.open = false; });
    return make("div", { class: "rule-add" }, menu);
  }

  remove(path) {
    const parent = path.slice(0, -1).reduce((group, index) => group.items[index], this.outline);
    parent.items.splice(path.at(-1), 1);
    this.redraw(path.slice(0, -1), "add");
  }

  // --- rows ---------------------------------------------------------------------------------------------------------------
  row(row, path) {
    const kind = this.kinds.get(row.kind);
    const element = make("div", { class: "rule", role: "group", "aria-label": kind.title });
    this.places.set(path.join("."), element);
    const tools = make("div", { class: "rule-tools" });
    if (row.kind !== "text") tools.append(button("Edit as text", "file-text", () => this.toText(row, path)));
    tools.append(button("Remove", "minus", () => this.remove(path)));
    element.append(make("span", { class: "rule-sign", title: kind.title }, icon(kind.icon)), this.fields(kind.fields, row, path), tools, make("p", { class: "field-problem", role: "status" }));
    return element;
  }

  async toText(row, path) {
    const text = await this.asText(row);
    if (text === null) { this.changed(); return; }
    const parent = path.slice(0, -1).reduce((group, index) => group.items[index], this.outline);
    parent.items[path.at(-1)] = { kind: "text", text };
    this.redraw(path);
  }

  fields(fields, row, path, event) {
    const element = make("div", { class: "rule-fields" }), shown = [];
    const look = () => { for (const [part, when] of shown) part.hidden = !when[1].includes(String(row[when[0]] ?? "")); };
    for (const field of fields) {
      const part = this.field(field, row, path, look, event);
      if (field.when) shown.push([part, field.when]);
      element.append(part);
    }
    look();
    return element;
  }

  field(field, row, path, look, event) {
    if (field.entry === "filters") return this.filters(row, path);
    if (field.entry === "steps") return this.steps(field, row, path);
    const id = `f${(this.serial += 1)}`;
    const set = (value) => { row[field.name] = value; look(); this.changed(); };
    let input;
    if (field.entry === "choice") {
      input = make("select", { id, class: "form-select", "aria-label": field.label, onchange: () => set(input.value) },
        ...field.options.map(([value, title]) => make("option", { value, selected: value === String(row[field.name] ?? "") }, title)));
    } else {
      const type = field.entry === "date" ? "date" : "text";
      const list = field.entry === "names" ? `list-${field.suggests}` : undefined;
      input = make("input", { id, type, class: `form-control rule-${field.entry}`, "aria-label": field.label, list, placeholder: field.placeholder || undefined,
        inputmode: field.entry === "number" ? "decimal" : undefined, autocapitalize: "off", spellcheck: "false", autocomplete: "off",
        oninput: () => { grow(); set(input.value); } });
      const grow = () => { if (type === "text") input.size = Math.min(Math.max((input.value || field.placeholder || "").length + 1, field.entry === "number" ? 3 : field.name === "value" ? 5 : 8), 44); };
      input.value = row[field.name] ?? "";
      grow();
      if (["values", "properties"].includes(field.suggests)) input.addEventListener("focus", () => input.setAttribute("list", this.offered(field, row, event)));
    }
    const around = [field.ahead && make("span", { class: "rule-word" }, field.ahead), input, field.behind && make("span", { class: "rule-word" }, field.behind)];
    return make("span", { class: `rule-field rule-field-${field.entry}` }, ...around.filter(Boolean));
  }

  filters(row, path) {
    row.filters ||= [];
    const element = make("div", { class: "rule-filters" });
    row.filters.forEach((filter, index) => {
      const fields = "text" in filter ? [{ name: "text", entry: "text", label: "Filter as text", placeholder: "price > 20" }] : this.blanks.fields;
      const drop = button("Remove this filter", "x", () => { row.filters.splice(index, 1); this.redraw(path); });
      element.append(make("div", { class: "filter" }, make("span", { class: "rule-word" }, index ? "and" : "where"), this.fields(fields, filter, path, () => row.event), drop));
    });
    element.append(make("button", { type: "button", class: "link-button", onclick: () => { row.filters.push(copy(this.blanks.filter)); this.redraw(path, "last"); } }, icon("filter"), row.filters.length ? "and where" : "only where"));
    return element;
  }

  steps(field, row, path) {
    const steps = (row[field.name] ||= []);
    const element = make("div", { class: "rule-steps" });
    const first = field.name === "steps" ? "first" : "without";
    steps.forEach((step, index) => {
      const event = { name: "event", entry: "names", label: "Event", suggests: "events", placeholder: "Product Added" };
      const drop = button("Remove this step", "x", () => { steps.splice(index, 1); this.redraw(path); });
      element.append(make("div", { class: "rule-step" }, make("span", { class: "rule-word" }, index ? (first === "first" ? "then" : "or") : first),
        this.field(event, step, path, () => {}), drop, this.filters(step, path)));
    });
    const title = first === "first" ? "then" : steps.length ? "or without" : "without …";
    element.append(make("button", { type: "button", class: "link-button", onclick: () => { steps.push({ event: "", filters: [] }); this.redraw(path); } }, icon("plus"), title));
    return element;
  }
}
