// Owns what stands below the drawing: buttons, the same as a list, and the revisions. Knows nothing of the drawing.

class CanvasTools {
  constructor(canvas) {
    this.canvas = canvas;
    this.tools = make("div", { class: "nbk-tools" });
    this.list = make("details", { class: "nbk-list" });
    this.past = make("details", { class: "nbk-list" });
    this.nodes = [this.tools, this.list, this.past];
  }

  draw(s) {
    this.tools.replaceChildren(...this.buttons(s));
    this.list.replaceChildren(make("summary", { "data-key": "as list" }, "The same as a list"), this.plain(s));
    const count = s.revisions.length;
    this.past.replaceChildren(make("summary", { "data-key": "history" }, `History · ${count} revision${count === 1 ? "" : "s"}`), this.revisions(s));
  }

  chooser(name, key, first, choices, act) {
    return make("select", { "aria-label": name, "data-key": key, onchange: (event) => event.target.value && act(event.target.value) },
      make("option", { value: "" }, first), ...choices.map(([value, words]) => make("option", { value }, words)));
  }

  buttons(s) {
    const send = (what, more) => this.canvas.send(what, more);
    const one = s.selected.length === 1 && this.canvas.nodes[s.selected[0]]?.kind === "population" ? s.selected[0] : "";
    const some = s.selected.length > 0;
    const all = s.selected.length > 1 ? `the ${s.selected.length} selected parts` : "what is selected";
    return [
      this.chooser("Add a population", "add", "+ Population", s.models, (model) => send("add_population", { model })),
      this.chooser("Add a motif", "motif part", "+ Motif", s.parts, (name) => send("add_motif", { name })),
      button("+ Stimulus", one ? `Add a stimulus to ${one}` : "Select a population first", () => send("add_stimulus", { target: one }), { disabled: !one, "data-key": "stimulus" }),
      button("Connect", one ? `Connect ${one} to another population` : "Select a population first", () => this.canvas.begin(one), { disabled: !one, "data-key": "connect" }),
      button("Rename", one ? `Rename ${one}` : "Select a population first", () => this.canvas.rename(one), { disabled: !one, "data-key": "rename part" }),
      button("Duplicate", `Duplicate ${all}`, () => send("duplicate"), { disabled: !some, "data-key": "duplicate" }),
      button("Delete", `Delete ${all}`, () => send("remove"), { disabled: !some, "data-key": "delete" }),
      make("span", { class: "nbk-hint" }, "Drag from the rim of one to another to connect; drag a box around several."),
    ];
  }

  plain(s) {
    const rows = [...s.drawing.nodes, ...s.drawing.arrows.filter((arrow) => this.canvas.nodes[arrow.source].kind === "population")];
    return make("ul", {}, ...rows.map((part) =>
      make("li", {}, button(part.spoken, "", (event) => this.canvas.choose(part, event.shiftKey),
        { "data-key": `list ${part.name}`, "aria-pressed": String(s.selected.includes(part.name)) }))));
  }

  /** Every revision by its words, the newest first; a click goes there. */
  revisions(s) {
    return make("ol", { reversed: true, start: s.revisions.at(-1)[0] }, ...s.revisions.toReversed().map(([number, words]) =>
      make("li", {}, button(words, `Go to revision ${number}: ${words}`, () => this.canvas.send("go_to", { number }),
        { "data-key": `revision ${number}`, "aria-current": number === s.revision ? "step" : null }))));
  }
}
