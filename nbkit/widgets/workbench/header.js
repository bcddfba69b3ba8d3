// Owns the line at the top. Knows nothing of networks.

function field(model, key, words, value, unit) {
  const send = (event) => model.send({ do: "set_setup", key, value: event.target.value });
  const input = make("input", {
    type: "text", inputmode: "decimal", value, size: 6, "data-key": key, "aria-label": `${words}, in ${unit || "model units"}`,
    onchange: send,
  });
  return make("label", { class: "nbk-field" }, words, input, unit);
}

/** The two ways to run: anew after each edit, or on and on. */
function modes(model, mode = "rerun") {
  const told = { rerun: ["Rerun", "Run from t = 0 after each edit"], live: ["Live", "Let the simulation go on; edits reach it where it stands"] };
  return make("span", { class: "nbk-modes", role: "group", "aria-label": "mode" },
    ...Object.entries(told).map(([name, [words, spoken]]) => button(words, spoken, () => model.send({ do: "set_mode", mode: name }),
      { "aria-pressed": String(name === mode), "data-key": `mode ${name}` })));
}

/** How things stand; opened, what was found and what can be done about it. */
function chip(model, s, open) {
  const words = make("span", { class: `nbk-chip nbk-${s.chip.kind}`, role: "status" }, s.chip.words);
  const items = s.findings.map((found, i) => make("li", {}, make("b", {}, found.level), ` ${found.text} `,
    ...found.remedies.map(([remedy, can], k) => !can ? make("span", {}, `Try: ${remedy}. `) : button(remedy, `Do this: ${remedy}`, (event) => {
      event.target.closest("details").open = false;
      model.send({ do: "apply_remedy", finding: i, remedy: k });
    }))));
  const step = make("li", {}, button("Is it the model or the dt?", "Run again with half the step and another seed, and compare", () => model.send({ do: "ask_step" }), { "data-key": "ask step" }),
    make("div", { "aria-live": "polite", class: "nbk-asked" }, s.verdict ?? ""));
  return make("details", { open, class: "nbk-findings" }, make("summary", { "data-key": "chip" }, words), make("ul", {}, ...items, step));
}

export default {
  render({ model, el }) {
    const root = make("div", { class: "nbk nbk-header", role: "toolbar", "aria-label": "workbench" });
    const bar = make("div", { class: "nbk-bar" });
    const share = new ShareMenu(model);
    root.append(bar, share.node, share.banner);
    keepKeys(root);
    el.append(root);
    const fold = (event) => {
      const findings = bar.querySelector(".nbk-findings[open]");
      if (findings && (event.key === "Escape" || (event.type === "pointerdown" && !findings.contains(event.target)))) findings.open = false;
    };
    const ends = ["pointerdown", "keydown"];
    ends.forEach((name) => document.addEventListener(name, fold));
    root.addEventListener("keydown", (event) => {
      if (share.node.contains(event.target) || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      model.send({ do: event.shiftKey ? "redo" : "undo" });
    });
    const draw = () => {
      const held = model.get("state");
      if (!held.setup || !held.chip) return;
      const s = share.kernel ? { ...held, running: false, chip: { kind: "bad", words: "No kernel" }, findings: [] } : held;
      const act = (what) => () => model.send({ do: what });
      const live = s.mode === "live";
      const run = s.running && live
        ? button("Pause", "Let the simulation stand; Run goes on from there", act("pause"), { class: "nbk-run", "data-key": "run" })
        : live
        ? button("Run", "Let the simulation go on", act("run"), { class: "nbk-run", "data-key": "run" })
        : s.running
        ? button("Stop", "Stop the run and keep what there is", act("stop"), { class: "nbk-stop", "data-key": "run" })
        : button("Run", "Run from the beginning", act("run"), { class: "nbk-run", "data-key": "run" });
      const motifs = make(
        "select",
        { "aria-label": "Begin with", "data-key": "motif", onchange: (e) => e.target.value && model.send({ do: "open_motif", name: e.target.value }) },
        make("option", { value: "" }, "Begin with …"),
        ...s.motifs.map(([name, words]) => make("option", { value: name }, words)),
      );
      keepFocus(root, () =>
        bar.replaceChildren(...[
          make("b", {}, "nbkit"),
          motifs,
          button("↶", s.undo ? `Undo: ${s.undo}` : "Nothing to undo", act("undo"), { disabled: !s.undo, "data-key": "undo" }),
          button("↷", s.redo ? `Redo: ${s.redo}` : "Nothing to redo", act("redo"), { disabled: !s.redo, "data-key": "redo" }),
          make("span", { class: "nbk-gap" }),
          modes(model, s.mode),
          run,
          s.follows || s.running || live ? null : make("span", { class: "nbk-muted", title: "A run takes long here" }, "edits wait for Run"),
          field(model, "duration", live ? "window" : "duration", s.setup.duration, s.unit),
          field(model, "dt", "dt", s.setup.dt, s.unit),
          chip(model, s, bar.querySelector("details")?.open),
          make("span", { class: "nbk-gap" }),
        ].filter(Boolean)),
      );
    };
    const end = follow(model, draw);
    const leave = share.follow(draw);
    return () => {
      end();
      leave();
      ends.forEach((name) => document.removeEventListener(name, fold));
    };
  },
};
