// Owns the pane of the task: question, prediction, check, verdict, hint. Knows nothing of networks.

class LessonPane {
  constructor(model, el) {
    this.model = model;
    this.typed = "";
    this.root = make("section", { class: "nbk nbk-lesson", "aria-label": "task" });
    keepKeys(this.root);
    el.append(this.root);
  }

  send(what, more = {}) {
    this.model.send({ do: what, ...more });
  }

  draw() {
    const s = this.model.get("state");
    if (!s.solved) return;
    const solved = s.solved[s.at];
    this.root.classList.toggle("nbk-solved", solved);
    const asked = make("div", { class: "nbk-asked" }, this.head(s), make("p", { class: "nbk-task" }, s.text), this.question(s));
    const check = make("div", { class: "nbk-check" },
      button(s.checking ? "Checking …" : "Check my network", "Check my network", () => this.send("check"),
        { class: "nbk-go", "data-key": "check", disabled: s.checking || this.waits(s) }),
      s.changed ? button("Start over", "Go back to the network that the task began with", () => this.send("start_over"), { "data-key": "start over" }) : null);
    keepFocus(this.root, () => this.root.replaceChildren(asked, check, make("div", { class: "nbk-verdict", role: "status" }, ...this.verdict(s))));
  }

  waits(s) {
    return Boolean(s.question && !s.question.predicted);
  }

  head(s) {
    const many = s.solved.length > 1;
    const points = `${s.of} point${s.of === 1 ? "" : "s"}`;
    const title = [many ? `Task ${s.at + 1} of ${s.solved.length}` : "Task", s.name].filter(Boolean).join(": ");
    const steps = s.solved.map((done, i) => button(done ? "✓" : String(i + 1), `Task ${i + 1}${done ? ", solved" : ""}`, () => this.send("go_to_task", { number: i }),
      { class: "nbk-step", "aria-pressed": String(i === s.at), "data-key": `task ${i}` }));
    return make("div", { class: "nbk-title" }, make("b", {}, title), make("span", { class: "nbk-muted" }, points), ...(many ? steps : []),
      s.solved[s.at] ? make("b", { class: "nbk-done" }, "✓ solved") : null);
  }

  question(s) {
    if (!s.question) return null;
    const { text, unit, choices, predicted } = s.question;
    if (predicted) return make("p", { class: "nbk-muted" }, `${text} You predicted ${predicted}.`);
    const take = () => this.send("predict", { typed: this.typed });
    const field = choices.length
      ? make("select", { "aria-label": text, "data-key": "prediction", onchange: (e) => { this.typed = e.target.value; } },
        make("option", { value: "" }, "choose …"), ...choices.map((word) => make("option", { value: word, selected: word === this.typed }, word)))
      : make("input", { type: "text", inputmode: "decimal", size: 7, value: this.typed, "aria-label": unit ? `${text} in ${unit}` : text, "data-key": "prediction",
        oninput: (e) => { this.typed = e.target.value; }, onkeydown: (e) => e.key === "Enter" && take() });
    return make("div", { class: "nbk-predict" }, make("span", {}, make("b", {}, "Predict first: "), text), field, unit || null,
      button("Predict", "Say what you expect; then the run is shown", take, { class: "nbk-go", "data-key": "predict" }),
      s.problem ? make("span", { class: "nbk-problem", role: "alert" }, s.problem) : null);
  }

  verdict(s) {
    const said = s.notes.map((note) => make("div", { class: "nbk-muted" }, note));
    if (s.problem && !this.waits(s)) said.unshift(make("div", { class: "nbk-problem", role: "alert" }, s.problem));
    const v = s.verdict;
    if (!v || s.checking) return said;
    const points = `${v.points} of ${v.of} point${v.of === 1 ? "" : "s"}`;
    const head = make("b", { class: v.passed ? "nbk-done" : "" }, `${v.passed ? "Solved" : "Not yet"}: ${points}`);
    const [rung, of] = v.rung;
    return [
      make("div", {}, head, v.stale ? make("span", { class: "nbk-muted" }, " · before your last change") : null),
      v.reason ? make("div", {}, v.reason) : null,
      ...v.criteria.map(([holds, words]) => make("div", { class: holds ? "nbk-holds" : "nbk-fails" }, `${holds ? "✓" : "✗"} ${words}`)),
      v.hint ? make("div", { class: "nbk-hinted" }, make("b", {}, of > 1 ? `Hint ${rung} of ${of}: ` : "Hint: "), v.hint,
        rung < of ? make("span", { class: "nbk-muted" }, " A plainer one comes with the next try.") : null) : null,
      v.guess ? make("div", { class: "nbk-muted" }, `${v.guess[0].toUpperCase()}${v.guess.slice(1)}.`) : null,
      ...said,
    ].filter(Boolean);
  }
}

export default {
  render({ model, el }) {
    const pane = new LessonPane(model, el);
    return follow(model, () => pane.draw());
  },
};
