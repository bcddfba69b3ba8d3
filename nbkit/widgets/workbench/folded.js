// Owns what is computed of a part, folded until it is asked for. Knows nothing of networks.

class Folded {
  constructor(model) {
    this.model = model;
    this.opened = new Set();
    this.inside = new Map(); // part -> where what was computed is shown
  }

  /** The fold of a part, as open as it was. */
  node(part) {
    const told = make("div", { class: "nbk-computed", "aria-live": "polite" });
    const fold = make("details", { class: "nbk-list", open: this.opened.has(part) }, make("summary", { "data-key": `computed ${part}`, "aria-label": `Computed, of ${part}` }, "Computed"), told);
    fold.addEventListener("toggle", () => {
      if (fold.open === this.opened.has(part)) return;
      if (fold.open) this.opened.add(part);
      else this.opened.delete(part);
      this.ask(part, fold.open);
    });
    this.inside.set(part, told);
    return fold;
  }

  ask(part, opened) {
    this.model.send({ do: "compute", part, opened });
  }

  update(computed) {
    for (const [part, told] of this.inside) told.replaceChildren(...this.lines(part, computed[part]));
  }

  lines(part, told) {
    if (told === undefined) return ["Computing …"];
    if (told === null) return ["Older than the last edit. ", button("Compute again", `Compute again, of ${part}`, () => this.ask(part, true), { class: "nbk-small", "data-key": `again ${part}` })];
    return told.map(({ what, words, drawn }) => make("div", {}, make("b", {}, what), " ", words, ...(drawn ? [bars({ ...drawn, words: "" })] : [])));
  }
}
