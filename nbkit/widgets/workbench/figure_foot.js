// Owns what stands below the figures: theory, the data table, files to save. Knows nothing of networks.

const SAVE = "M12 3v11m0 0 5-5m-5 5-5-5M4 19h16";
const KINDS = [
  ["png", "Picture (PNG)"], ["svg", "Picture (SVG)"], ["means", "Means (CSV)"], ["units", "All units (CSV)"], ["netcdf", "Everything (NetCDF)"],
];
const MARKS = { holds: ["✓", "holds in this run"], fails: ["✗", "does not hold in this run"] };

/** Let the browser save a blob under a name. */
function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

class Foot {
  constructor(model, el) {
    this.model = model;
    this.root = make("div", { class: "nbk nbk-foot" });
    keepKeys(this.root);
    el.append(this.root);
    this.listen = (message, buffers) => message.type === "file" && save(new Blob([buffers[0]], { type: message.mime }), message.name);
    model.on("msg:custom", this.listen);
  }

  send(what, more = {}) {
    this.model.send({ do: what, ...more });
  }

  draw() {
    const s = this.model.get("state");
    keepFocus(this.root, () => this.root.replaceChildren(...(s.ready ? [...s.beside.map((words) => make("div", { class: "nbk-beside" }, words)), this.line(s), this.theory(s), this.data(s)].filter(Boolean) : [])));
  }

  line(s) {
    const kinds = make("select", { "aria-label": "Save the picture or the data", "data-key": "save", class: "nbk-save",
      onchange: (event) => { const kind = event.target.value; event.target.value = ""; this.save(kind); } },
      make("option", { value: "" }, "Save …"), ...KINDS.map(([kind, words]) => make("option", { value: kind }, words)));
    const toggle = button("Data table", s.open ? "Hide the data table" : "Show the data table", () => this.send("table", { on: !s.open }),
      { "data-key": "table", "aria-expanded": String(s.open) });
    return make("div", { class: "nbk-line-of-tools" },
      button("What does theory say?", "", () => this.send("ask_theory"), { "data-key": "theory" }),
      toggle, make("span", { class: "nbk-icon" }, icon(SAVE, true), kinds),
      make("span", { class: "nbk-problem", role: "alert" }, s.refused));
  }

  theory(s) {
    if (!s.theory.length) return s.words ? make("div", { class: "nbk-theory", role: "status" }, s.words) : null;
    return make("ul", { class: "nbk-theory" }, ...s.theory.map((line, number) => this.prediction(line, number)));
  }

  prediction(line, number) {
    const [sign, spoken] = MARKS[line.mark] ?? [];
    const mark = sign ? make("b", { class: `nbk-mark nbk-${line.mark}`, role: "img", "aria-label": spoken, title: spoken }, sign) : null;
    const draw = line.drawable
      ? make("label", { class: "nbk-tick" }, make("input", { type: "checkbox", checked: line.ticked, "data-key": `tick ${number}`, "aria-label": `Draw in the traces: ${line.words}`,
          onchange: (event) => this.send("tick", { number, on: event.target.checked }) }), "draw")
      : null;
    const more = [line.measured, line.approximately, line.source].filter(Boolean);
    return make("li", {}, mark, " ", line.words, " ", draw, ...more.map((text) => make("div", { class: "nbk-small" }, text)));
  }

  data(s) {
    if (!s.open || !s.table) return null;
    const { statistics, means } = s.table;
    return make("div", { class: "nbk-data" },
      make("h4", {}, "Statistics over all samples and units"), this.table(statistics, 3),
      ...(means.rows.length ? [make("h4", {}, `Means over units, the first ${means.rows.length} of ${means.of} samples`), this.table(means, 0)] : []));
  }

  /** The first columns of a table may be words; the others are numbers, aligned to the right. */
  table({ heads, rows }, words) {
    const cells = (row, tag) => row.map((cell, place) => make(tag, { class: place < words ? "nbk-words" : "nbk-number", scope: tag === "th" ? "col" : undefined }, cell));
    return make("div", { class: "nbk-scroll", tabindex: 0, role: "region", "aria-label": "table" }, make("table", {},
      make("thead", {}, make("tr", {}, ...cells(heads, "th"))), make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row, "td"))))));
  }

  async save(kind) {
    if (kind === "png" || kind === "svg") {
      const figure = this.root.closest(".nbk-figures")?.querySelector(".nbkit-figure");
      const asked = new CustomEvent("nbkit-export", { detail: { kind, blob: null } });
      figure?.dispatchEvent(asked);
      const blob = await asked.detail.blob;
      if (blob) save(blob, `nbkit-figure.${kind}`);
    } else if (kind) this.send("download", { kind });
  }

  end() {
    this.model.off("msg:custom", this.listen);
  }
}

export default {
  render({ model, el }) {
    const foot = new Foot(model, el);
    const leave = follow(model, () => foot.draw());
    return () => {
      leave();
      foot.end();
    };
  },
};
