// Owns the equations of a population: the formula, and the text in which it is edited. Knows nothing of networks.

const PAUSE_MS = 200; // after the last key, before the text is read

/** Text of equations with what is wrong with it at its line and column, and the formula once it is right. */
class EquationEditor {
  constructor(model, draft) {
    this.model = model;
    this.population = draft.population;
    this.fresh = { ...draft.new };
    this.later = 0;
    const field = (tag, words, value, more = {}) => {
      const made = make(tag, { "aria-label": `${words} of ${draft.population}`, spellcheck: "false", oninput: () => this.changed(), ...more });
      made.value = value;
      return made;
    };
    this.equations = field("textarea", "Equations", draft.equations, { rows: Math.max(3, draft.equations.split("\n").length + 1), "data-key": "equations" });
    this.threshold = field("input", "Threshold", draft.threshold, { type: "text", placeholder: "such as v >= v_th", "data-key": "threshold" });
    this.reset = field("textarea", "Reset", draft.reset, { rows: 2, placeholder: "such as v = v_reset", "data-key": "reset" });
    this.spiking = make("div", { class: "nbk-spiking" }, make("label", {}, "spike if", this.threshold), make("label", {}, "then", this.reset));
    this.spiking.hidden = !draft.threshold;
    this.faults = make("ul", { class: "nbk-faults", "aria-live": "polite", "aria-label": "What is wrong with the equations" });
    this.formula = make("div", { class: "nbk-formula", "aria-label": "The equations as they are read" });
    this.means = make("ul", { class: "nbk-means" });
    this.apply = button("Apply", "", () => this.model.send({ do: "apply_draft" }), { class: "nbk-apply", "data-key": "apply" });
    this.node = make("div", { class: "nbk-editor" }, this.equations, this.spiking, this.faults, this.formula, this.means,
      make("div", { class: "nbk-tools" }, this.apply, button("Cancel", "Leave the equations as they were", () => this.model.send({ do: "close_draft" }), { "data-key": "cancel" })));
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.model.send({ do: "close_draft" }));
    requestAnimationFrame(() => this.equations.focus());
  }

  changed() {
    this.apply.disabled = true;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.read(), PAUSE_MS);
  }

  read() {
    this.model.send({ do: "judge_draft", equations: this.equations.value, threshold: this.threshold.value, reset: this.reset.value, new: this.fresh });
  }

  declare(name, kind) {
    this.fresh[name] = kind;
    this.read();
  }

  /** Put the cursor where a fault is. */
  go(fault) {
    const before = this.equations.value.split("\n").slice(0, fault.line - 1).join("\n").length + (fault.line > 1 ? 1 : 0);
    this.equations.focus();
    this.equations.setSelectionRange(before + fault.column - 1, before + fault.column - 1 + Math.max(1, fault.undeclared.length));
  }

  update(draft) {
    this.apply.disabled = draft.faults.length > 0 || this.equations.value !== draft.equations;
    this.apply.textContent = draft.losses.length ? `Apply, and take out ${draft.losses.length === 1 ? "this" : `these ${draft.losses.length}`}` : "Apply";
    this.apply.setAttribute("aria-label", this.apply.textContent);
    this.equations.toggleAttribute("aria-invalid", draft.faults.length > 0);
    this.faults.replaceChildren(...draft.faults.map((fault, i) => this.fault(fault, i)));
    this.formula.innerHTML = draft.formula; // made from the checked tree, every name escaped
    const losses = draft.losses.length ? [make("li", { class: "nbk-problem" }, "What no longer fits is taken out: ", draft.losses.join("; "))] : [];
    this.means.replaceChildren(...losses, ...draft.changes.map((words) => make("li", {}, words)));
  }

  fault(fault, i) {
    const place = fault.line ? button(`line ${fault.line}, column ${fault.column}`, `Go to line ${fault.line}, column ${fault.column}`, () => this.go(fault), { class: "nbk-place", "data-key": `fault ${i}` }) : null;
    const kinds = fault.undeclared ? ["parameter", "input"].map((kind) =>
      button(`${kind === "input" ? "an" : "a"} ${kind}`, `Make ${fault.undeclared} ${kind === "input" ? "an" : "a"} ${kind}`, () => this.declare(fault.undeclared, kind), { "data-key": `declare ${fault.undeclared} ${kind}` })) : [];
    const hint = fault.undeclared ? " Make it " : fault.hint ? ` Try: ${fault.hint}.` : "";
    return make("li", {}, place, ` ${fault.what}.${hint}`, ...kinds);
  }
}

/** The formula of a section with the button that opens its text. */
function formulaOf(model, section) {
  const formula = make("div", { class: "nbk-formula", role: "group", "aria-label": `Equations: ${section.equations.join("; ")}` });
  formula.innerHTML = section.formula; // made from the checked tree, every name escaped
  return make("div", {}, formula, button("Edit equations", `Edit the equations of ${section.part}`, () => model.send({ do: "open_draft", population: section.part }), { class: "nbk-small nbk-edit", "data-key": `edit ${section.part}` }));
}

/** Light up a name in the formula of its section while its row is used. */
function lights(root) {
  const light = (event) => {
    const row = event.target.closest?.("[data-lights]");
    if (!row) return;
    root.querySelectorAll(".nbk-lit").forEach((node) => node.classList.remove("nbk-lit"));
    row.closest("section")?.querySelectorAll(`.nbk-formula [data-name="${CSS.escape(row.dataset.lights)}"]`).forEach((node) => node.classList.add("nbk-lit"));
  };
  root.addEventListener("focusin", light);
  root.addEventListener("pointerover", light);
}
