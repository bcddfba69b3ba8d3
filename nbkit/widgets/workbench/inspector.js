// Owns the rows of values: a slider and a number for each. Knows nothing of networks.

const PATIENCE_MS = 500;

/** One row: symbol, words, slider, number, unit; below it what follows from the value, or what was wrong with it. */
class Row {
  constructor(model, row) {
    this.model = model;
    this.row = row;
    this.mark = "";
    this.typing = false; // what is being typed is left alone
    this.waits = 0; // the kernel has not answered yet; only the newest value is kept for it
    this.newest = null;
    const [symbol, index] = row.symbol;
    const name = `${row.words}, ${row.path.replace("->", " to ")}`;
    this.slider = make("input", { type: "range", "aria-label": name, "data-key": `slider ${row.path}`,
      onpointerdown: () => { this.mark = `drag ${Date.now()}`; }, oninput: () => this.slide(), onchange: () => { this.mark = ""; } });
    this.number = make("input", { type: "text", inputmode: "decimal", size: 6, "aria-label": `${name}, as a number`, "data-key": `number ${row.path}`,
      oninput: () => { this.typing = true; }, onblur: () => { this.typing = false; },
      onchange: (event) => { this.typing = false; this.send(event.target.value, ""); } });
    this.note = make("div", { class: "nbk-note" });
    this.wrong = make("div", { class: "nbk-problem", role: "alert" });
    this.unit = make("span", { class: "nbk-unit" });
    this.told = make("span", { class: "nbk-law" });
    this.node = make("div", { class: "nbk-row", title: [row.words, row.unit].filter(Boolean).join(" · ") },
      make("span", { class: "nbk-symbol" }, symbol, ...(index ? [make("sub", {}, index)] : [])),
      make("span", { class: "nbk-words" }, row.words), this.slider, this.number, this.unit, this.told, this.note, this.wrong);
  }

  send(value, drag) {
    this.model.send({ do: "set_value", path: this.row.path, value, drag });
  }

  slide() {
    const { step, least } = this.row;
    const round = Number((Math.round(Number(this.slider.value) / step) * step).toPrecision(12));
    const value = least !== null && round < least ? least : round;
    this.number.value = String(value);
    this.newest = { value, drag: this.mark || `keys ${this.row.path}` };
    if (!this.waits) this.pass();
  }

  /** Send the newest value; the next one waits for the answer, or for half a second. */
  pass() {
    clearTimeout(this.waits);
    this.waits = 0;
    if (!this.newest) return;
    this.send(this.newest.value, this.newest.drag);
    this.newest = null;
    this.waits = setTimeout(() => this.pass(), PATIENCE_MS);
  }

  /** Show the present value; a slider that is being moved is left alone. */
  update(row, problem) {
    this.row = row;
    if (this.waits) this.pass();
    const law = row.value === null;
    this.slider.hidden = this.number.hidden = law;
    this.told.textContent = law ? row.told : "";
    if (!law && !this.mark) {
      this.slider.min = Math.min(Number(row.low), row.value);
      this.slider.max = Math.max(Number(row.high), row.value);
      this.slider.step = row.step;
      this.slider.value = row.value;
      this.slider.setAttribute("aria-valuetext", row.told);
    }
    if (!this.typing && !problem) this.number.value = law ? "" : String(Number(row.value.toPrecision(6)));
    this.unit.textContent = row.unit;
    this.note.textContent = row.note;
    this.wrong.textContent = problem;
  }
}

class Inspector {
  constructor(model, el) {
    this.model = model;
    this.rows = new Map();
    this.shown = "";
    this.root = make("div", { class: "nbk nbk-inspector" });
    keepKeys(this.root);
    el.append(this.root);
  }

  draw() {
    const { sections = [], problems = {}, nothing = "" } = this.model.get("state");
    const shape = JSON.stringify(sections.map((s) => [s.title, s.about, s.rows.map((row) => row.path)]));
    if (shape !== this.shown) {
      this.shown = shape;
      this.rows = new Map(sections.flatMap((s) => s.rows.map((row) => [row.path, new Row(this.model, row)])));
      keepFocus(this.root, () => this.root.replaceChildren(
        ...(sections.length ? sections.map((section, i) => this.section(section, i)) : [make("p", { class: "nbk-hint" }, nothing)]),
        (this.general = make("div", { class: "nbk-problem", role: "alert" }))));
    }
    const told = { ...problems };
    for (const section of sections) {
      for (const row of section.rows) {
        this.rows.get(row.path).update(row, told[row.path] ?? "");
        delete told[row.path];
      }
    }
    this.general.textContent = Object.values(told).join(" ");
  }

  section(section, place) {
    const rows = section.rows.map((row) => this.rows.get(row.path).node);
    const equations = section.equations.length ? make("pre", { class: "nbk-equations" }, section.equations.join("\n")) : null;
    return make("section", { "aria-label": section.title },
      make(place ? "h4" : "h3", {}, section.title, make("span", { class: "nbk-about" }, section.about)), equations, ...rows);
  }
}

export default {
  render({ model, el }) {
    const inspector = new Inspector(model, el);
    return follow(model, () => inspector.draw());
  },
};
