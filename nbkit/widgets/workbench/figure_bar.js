// Owns the line above the figures: tabs, what a figure shows, a second figure, kept runs. Knows nothing of networks.

const KEEP = "M6 3h12v18l-6-4-6 4z";

class Bar {
  constructor(model, el) {
    this.model = model;
    this.naming = false;
    this.root = make("div", { class: "nbk nbk-bar" });
    keepKeys(this.root);
    el.append(this.root);
  }

  send(what, more = {}) {
    this.model.send({ do: what, ...more });
  }

  draw() {
    const s = this.model.get("state");
    const focused = this.root.contains(document.activeElement) && document.activeElement.dataset.key === "keep name";
    if (focused && this.naming) return; // what is being typed is left alone
    keepFocus(this.root, () => this.root.replaceChildren(...(s.tabs?.length ? this.rows(s) : [])));
  }

  rows(s) {
    return [
      make("div", { class: "nbk-tabs", role: "toolbar", "aria-label": "figures" }, ...s.tabs.map((tab) => this.tab(tab, s))),
      make("div", { class: "nbk-asks" }, ...s.asks.map((ask) => this.ask(ask)), ...this.runs(s), make("span", { class: "nbk-gap" }), ...this.tools(s)),
      make("div", { class: "nbk-problem", role: "alert" }, s.problem),
    ];
  }

  tab([name, why], s) {
    const here = name === s.front;
    return button(name, why ? `${name}: ${why}` : name, () => this.send("figure", { name }),
      { class: `nbk-tab${here ? " nbk-here" : ""}${why ? " nbk-cannot" : ""}`, "aria-pressed": String(here), "data-key": `figure ${name}` });
  }

  tools(s) {
    const free = s.tabs.filter(([name, why]) => !why && name !== s.front);
    const pin = make("select", { "aria-label": "A second figure below", title: "A second figure below", "data-key": "pin", class: "nbk-below",
      onchange: (event) => this.send("pin", { name: event.target.value }) },
      make("option", { value: "" }, s.pinned ? "One figure" : "+ Figure below"),
      ...s.tabs.filter(([name, why]) => !why && (name !== s.front || name === s.pinned)).map(([name]) => make("option", { value: name, selected: name === s.pinned }, s.pinned === name ? `Below: ${name}` : name)));
    const keep = button("", "Keep this run to compare", () => { this.naming = !this.naming; this.draw(); this.root.querySelector('[data-key="keep name"]')?.select(); },
      { class: "nbk-icon", "data-key": "keep", "aria-expanded": String(this.naming) });
    keep.append(icon(KEEP), "Compare");
    return free.length || s.pinned ? [pin, keep] : [keep];
  }

  ask(ask) {
    return make("label", { class: "nbk-field" }, ask.words,
      make("select", { "data-key": `ask ${ask.of} ${ask.key}`, "aria-label": ask.words, onchange: (event) => this.send("answer", { of: ask.of, key: ask.key, value: event.target.value }) },
        ...ask.options.map((option) => make("option", { value: option, selected: option === ask.value }, option))));
  }

  runs(s) {
    const kept = s.kept.map((name) => make("span", { class: "nbk-kept" }, name,
      button("×", `Remove ${name} from the comparison`, () => this.send("drop", { name }), { "data-key": `drop ${name}` })));
    if (!this.naming) return kept;
    const done = (name) => { this.naming = false; this.root.focus(); this.send("keep", { name }); this.draw(); };
    const input = make("input", { type: "text", value: s.name, size: 15, "aria-label": "Name of the kept run", "data-key": "keep name",
      onkeydown: (event) => { if (event.key === "Enter") { event.target.blur(); done(event.target.value); } else if (event.key === "Escape") { this.naming = false; event.target.blur(); this.draw(); } } });
    return [...kept, make("span", { class: "nbk-field" }, input, button("Keep", "Keep this run under this name", () => done(input.value), { "data-key": "keep now" }))];
  }
}

export default {
  render({ model, el }) {
    const bar = new Bar(model, el);
    return follow(model, () => bar.draw());
  },
};
