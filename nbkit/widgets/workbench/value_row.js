// Owns one row: a slider and a number, or a law with its numbers and what it draws. Knows nothing of networks.

const PATIENCE_MS = 500;

/** One row: symbol, words, slider, number, unit, law; below it what follows from the value, or what was wrong with it. */
class Row {
  constructor(model, row) {
    this.model = model;
    this.row = row;
    this.mark = "";
    this.typing = false; // what is being typed is left alone
    this.waits = 0; // the kernel has not answered yet; only the newest value is kept for it
    this.newest = null;
    this.name = `${row.words}, ${row.path.replace("->", " to ")}`;
    this.inside = row.inside.map((inner) => new Row(model, inner));
    this.note = make("div", { class: "nbk-note" });
    this.wrong = make("div", { class: "nbk-problem", role: "alert" });
    this.unit = make("span", { class: "nbk-unit" });
    this.told = make("span", { class: "nbk-law" });
    this.drawn = make("div", { class: "nbk-drawn-values" });
    const [symbol, index] = row.symbol;
    this.node = make("div", { class: `nbk-row${row.law ? " nbk-of-law" : ""}`, "data-tip": row.tip, "data-lights": row.key || null },
      make("span", { class: "nbk-symbol" }, symbol, ...(index ? [make("sub", {}, index)] : [])),
      make("span", { class: "nbk-words" }, row.words), ...this.controls(row), this.note, this.wrong, this.drawn,
      ...(this.inside.length ? [make("div", { class: "nbk-inside" }, ...this.inside.map((inner) => inner.node))] : []));
  }

  controls(row) {
    if (row.law) return [this.chooser(row), this.unit, this.toggle(row)];
    if (row.value === null) return [this.told, this.toggle(row)];
    this.slider = make("input", { type: "range", "aria-label": this.name, "data-key": `slider ${row.path}`,
      onpointerdown: () => { this.mark = `drag ${Date.now()}`; }, oninput: () => this.slide(), onchange: () => { this.mark = ""; } });
    this.number = make("input", { type: "text", inputmode: "decimal", size: 6, "aria-label": `${this.name}, as a number`, "data-key": `number ${row.path}`,
      oninput: () => { this.typing = true; }, onblur: () => { this.typing = false; },
      onchange: (event) => { this.typing = false; this.send(event.target.value, ""); } });
    return [this.slider, this.number, this.unit, this.toggle(row)];
  }

  /** The button that turns a number into a law, and back. */
  toggle(row) {
    if (!row.laws.length) return make("span", {});
    const law = row.law !== "";
    const words = law ? `Give ${this.name} one number again` : `Draw ${this.name} from a law`;
    return button("~", words, () => this.become(law ? "" : row.laws[0]), { class: "nbk-tilde", "aria-pressed": String(law), "data-key": `law ${row.path}` });
  }

  chooser(row) {
    return make("select", { class: "nbk-laws", "aria-label": `Law of ${this.name}`, "data-key": `laws ${row.path}`, onchange: (event) => this.become(event.target.value) },
      ...row.laws.map((law) => make("option", { value: law, selected: law === row.law }, law)));
  }

  become(law) {
    this.model.send({ do: "set_law", path: this.row.path, law });
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

  /** Show the present value, and what went wrong; a slider that is being moved is left alone. */
  update(row, problems) {
    this.row = row;
    if (this.waits) this.pass();
    const problem = problems[row.path] ?? "";
    if (this.slider) this.set(row, problem);
    this.told.textContent = row.told;
    this.unit.textContent = row.unit;
    this.note.textContent = [row.law ? row.told : "", row.note].filter(Boolean).join(" · ");
    this.wrong.textContent = problem;
    this.drawn.replaceChildren(...(row.drawn ? [bars(row.drawn)] : []));
    this.inside.forEach((inner, i) => inner.update(row.inside[i], problems));
  }

  set(row, problem) {
    if (!this.mark) {
      this.slider.min = Math.min(Number(row.low), row.value);
      this.slider.max = Math.max(Number(row.high), row.value);
      this.slider.step = row.step;
      this.slider.value = row.value;
      this.slider.setAttribute("aria-valuetext", row.told);
    }
    if (!this.typing && !problem) this.number.value = String(Number(row.value.toPrecision(6)));
    this.number.toggleAttribute("aria-invalid", problem !== "");
  }

  /** The paths of the row and of what is inside it. */
  static paths(row) {
    return [row.path, ...row.inside.flatMap((inner) => Row.paths(inner))];
  }

  /** What, if it changes, needs other controls. */
  static shape(row) {
    return [row.path, row.words, row.law, row.laws.length, row.value === null, row.inside.map((inner) => Row.shape(inner))];
  }
}
