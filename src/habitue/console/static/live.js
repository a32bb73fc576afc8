// The live event debugger: reads the stream and shows each event as a line that unfolds. Text only, never markup.
(() => {
  const list = document.getElementById("live"), empty = document.getElementById("live-empty");
  const state = document.getElementById("live-state"), pause = document.getElementById("live-pause");
  const choose = document.getElementById("live-source");
  const LINES_MAX = 150;
  let stream = null, paused = false, held = [];

  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const clock = (iso) => new Date(iso).toLocaleTimeString([], { hour12: false });
  const put = (line) => {
    empty.hidden = true;
    list.prepend(line);
    while (list.children.length > LINES_MAX) list.lastElementChild.remove();
  };
  const line = (title, text, tone, at, body) => {
    const item = make("li", "item"), main = make("div", "item-main");
    item.append(make("span", `live-mark tone-${tone}`));
    main.append(make("p", "item-title", title), make("p", "item-text", text));
    if (body !== undefined) {
      const more = make("details", "more"), pre = make("pre", "json", typeof body === "string" ? body : JSON.stringify(body, null, 2));
      pre.tabIndex = 0;
      more.append(make("summary", "", "What was sent"), pre);
      main.append(more);
    }
    item.append(main);
    if (at) item.append(make("span", "item-when", clock(at)));
    return item;
  };
  const show = (kind, data) => {
    if (kind === "event") put(line(data.name, `${data.who || "nobody"} · from ${data.source}`, "good", data.received_at, data.body));
    else if (kind === "rejected") put(line(`Refused: ${data.name.replaceAll("_", " ")}`, `${data.detail} · from ${data.source || "unknown"}`, "bad", data.received_at, data.body));
    else put(line(`${data.count.toLocaleString()} more came in between`, "Too many to show one by one.", "calm"));
  };
  const hear = (kind) => (message) => {
    const data = JSON.parse(message.data);
    if (!paused) show(kind, data);
    else { held.push([kind, data]); held = held.slice(-LINES_MAX); state.textContent = `${held.length} held`; }
  };
  const connect = () => {
    stream?.close();
    const address = list.dataset.stream + (choose.value ? `?source=${encodeURIComponent(choose.value)}` : "");
    stream = new EventSource(address);
    stream.onopen = () => { if (!paused) state.textContent = "Live"; };
    stream.onerror = () => { state.textContent = "Reconnecting"; };
    for (const kind of ["event", "rejected", "passed"]) stream.addEventListener(kind, hear(kind));
  };
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.querySelector("span").textContent = paused ? "Go on" : "Pause";
    state.textContent = paused ? "Paused" : "Live";
    if (!paused) { for (const [kind, data] of held) show(kind, data); held = []; }
  });
  choose.addEventListener("change", () => { list.replaceChildren(); empty.hidden = false; connect(); });
  // A page nobody looks at listens to nothing.
  document.addEventListener("visibilitychange", () => { if (document.hidden) stream?.close(); else connect(); });
  connect();
})();
