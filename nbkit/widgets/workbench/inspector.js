// Owns the inspector: sections with their equations and rows. Knows nothing of networks.

class Inspector {
  constructor(model, el) {
    this.model = model;
    this.rows = new Map();
    this.shown = "";
    this.renamed = ""; // the part that is being given another name
    this.editor = null;
    this.folded = new Folded(model);
    this.root = make("div", { class: "nbk nbk-inspector" });
    keepKeys(this.root);
    lights(this.root);
    el.append(this.root);
  }

  draw() {
    const { sections = [], problems = {}, nothing = "", draft = null, computed = {} } = this.model.get("state");
    if (!draft) this.editor = null;
    else if (this.editor?.population !== draft.population) this.editor = new EquationEditor(this.model, draft);
    const shape = JSON.stringify([draft?.population, this.renamed, sections.map((s) => [s.title, s.about, s.formula, s.several, s.rows.map((row) => Row.shape(row))])]);
    if (shape !== this.shown) {
      this.shown = shape;
      this.rows = new Map(sections.flatMap((s) => s.rows.map((row) => [row.path, new Row(this.model, row)])));
      this.folded.inside.clear();
      keepFocus(this.root, () => this.root.replaceChildren(
        ...(sections.length ? sections.map((section, i) => this.section(section, i)) : [make("p", { class: "nbk-hint" }, nothing)]),
        (this.general = make("div", { class: "nbk-problem", role: "alert" }))));
    }
    this.editor?.update(draft);
    this.folded.update(computed);
    const told = new Set();
    for (const section of sections) {
      for (const row of section.rows) {
        this.rows.get(row.path).update(row, problems);
        Row.paths(row).forEach((path) => told.add(path));
      }
    }
    this.general.textContent = Object.entries(problems).filter(([where]) => !told.has(where)).map(([, words]) => words).join(" ");
  }

  section(section, place) {
    const rows = section.rows.map((row) => this.rows.get(row.path).node);
    const own = section.kind !== "stimulus" && !section.several;
    return make("section", { "aria-label": section.title, class: section.several ? "nbk-several" : null }, this.heading(section, place),
      section.formula && section.equations.length ? (this.editor?.population === section.part ? this.editor.node : formulaOf(this.model, section)) : null,
      ...rows, own ? this.folded.node(section.part) : null);
  }

  heading(section, place) {
    const head = make(place ? "h4" : "h3", {});
    const about = make("span", { class: "nbk-about" }, section.about);
    if (this.renamed === section.part && !place) {
      head.append("Rename to ", renaming(this.model, section.part, () => this.rename("")));
    } else {
      const named = section.kind === "population" && !section.several && !place;
      head.append(section.title, about, ...(named ? [button("✎", `Rename ${section.part}`, () => this.rename(section.part), { class: "nbk-small nbk-edit", "data-key": `rename ${section.part}` })] : []));
      if (named) head.addEventListener("dblclick", () => this.rename(section.part));
    }
    return head;
  }

  rename(part) {
    this.renamed = part;
    this.draw();
  }
}

export default {
  render({ model, el }) {
    const inspector = new Inspector(model, el);
    return follow(model, () => inspector.draw());
  },
};
