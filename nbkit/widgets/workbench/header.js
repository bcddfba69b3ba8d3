// Owns the line at the top, and the copy of the last network that the browser keeps. Knows nothing of networks.

const KEPT = "nbkit-last-network";

/** The copy that the browser kept when the page was left; none where storage is not allowed. */
function kept() {
  try {
    return window.localStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function keep(link) {
  try {
    window.localStorage.setItem(KEPT, link);
  } catch {
    // without storage nothing is kept; the link can still be copied
  }
}

function field(model, key, words, value, unit) {
  const send = (event) => model.send({ do: "set_setup", key, value: event.target.value });
  const input = make("input", {
    type: "text", inputmode: "decimal", value, size: 6, "data-key": key, "aria-label": `${words}, in ${unit || "model units"}`,
    onchange: send,
  });
  return make("label", { class: "nbk-field" }, words, input, unit);
}

/** How things stand; opened, what was found and what can be done about it. */
function chip(model, s, open) {
  const words = make("span", { class: `nbk-chip nbk-${s.chip.kind}`, role: "status" }, s.chip.words);
  const items = s.findings.map((found, i) => make("li", {}, make("b", {}, found.level), ` ${found.text} `,
    ...found.remedies.map((remedy, k) => button(remedy, `Do this: ${remedy}`, () => model.send({ do: "apply_remedy", finding: i, remedy: k })))));
  const step = make("li", {}, button("Is it the model or the dt?", "Run again with half the step and another seed, and compare", () => model.send({ do: "ask_step" }), { "data-key": "ask step" }),
    make("div", { "aria-live": "polite", class: "nbk-asked" }, s.verdict ?? ""));
  return make("details", { open, class: "nbk-findings" }, make("summary", { "data-key": "chip" }, words), make("ul", {}, ...items, step));
}

export default {
  render({ model, el }) {
    const root = make("div", { class: "nbk nbk-header", role: "toolbar", "aria-label": "workbench" });
    keepKeys(root);
    el.append(root);
    const last = kept();
    const first = model.get("state").link ?? "";
    root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      model.send({ do: event.shiftKey ? "redo" : "undo" });
    });
    const draw = () => {
      const s = model.get("state");
      if (!s.setup || !s.chip) return;
      if (s.undo && s.link) keep(s.link);
      const lost = last && last !== first && !s.undo && !s.redo;
      const act = (what) => () => model.send({ do: what });
      const run = s.running
        ? button("Stop", "Stop the run and keep what there is", act("stop"), { class: "nbk-stop", "data-key": "run" })
        : button("Run", "Run from the beginning", act("run"), { class: "nbk-run", "data-key": "run" });
      const motifs = make(
        "select",
        { "aria-label": "Begin with", "data-key": "motif", onchange: (e) => e.target.value && model.send({ do: "open_motif", name: e.target.value }) },
        make("option", { value: "" }, "Begin with …"),
        ...s.motifs.map(([name, words]) => make("option", { value: name }, words)),
      );
      keepFocus(root, () =>
        root.replaceChildren(...[
          make("b", {}, "nbkit"),
          motifs,
          button("↶", s.undo ? `Undo: ${s.undo}` : "Nothing to undo", act("undo"), { disabled: !s.undo, "data-key": "undo" }),
          button("↷", s.redo ? `Redo: ${s.redo}` : "Nothing to redo", act("redo"), { disabled: !s.redo, "data-key": "redo" }),
          make("span", { class: "nbk-gap" }),
          run,
          field(model, "duration", "duration", s.setup.duration, s.unit),
          field(model, "dt", "dt", s.setup.dt, s.unit),
          chip(model, s, root.querySelector("details")?.open),
          make("span", { class: "nbk-gap" }),
          lost ? button("Restore", "Open the network that was last edited in this browser", () => model.send({ do: "open_text", text: last }), { "data-key": "restore" }) : null,
          make("input", { type: "text", size: 9, placeholder: "paste a link", "aria-label": "Open a link or JSON of a network", "data-key": "paste",
            onchange: (event) => event.target.value && model.send({ do: "open_text", text: event.target.value }) }),
          button("Python", "Show the Python code of this network", act("show_code"), { "data-key": "code" }),
          button("Link", "Show the network as a link", act("show_link"), { "data-key": "link" }),
        ].filter(Boolean)),
      );
    };
    return follow(model, draw);
  },
};
