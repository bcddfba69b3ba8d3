// Owns the bar of the live mode: one step, stop, reset, the speed, and where the simulation is. Knows nothing of networks.

const BUTTONS = [
  ["step", "Step", "Make one step and stand there"],
  ["stop", "Stop", "End the simulation and keep what there is; Run begins again at t = 0"],
  ["reset", "Reset", "Go back to t = 0 with the present values"],
];

export default {
  render({ model, el }) {
    const root = make("div", { class: "nbk nbk-livebar", role: "toolbar", "aria-label": "live simulation" });
    keepKeys(root);
    const speed = make("select", { "aria-label": "speed, in model time a second", "data-key": "speed",
      onchange: () => model.send({ do: "set_speed", speed: speed.value === "full" ? null : Number(speed.value) }) });
    const status = make("span", { class: "nbk-now", role: "timer" });
    const note = make("div", { class: "nbk-livenote", role: "status" });
    root.append(...BUTTONS.map(([what, words, spoken]) => button(words, spoken, () => model.send({ do: what }), { "data-key": `live ${what}` })),
      make("label", { class: "nbk-field" }, "speed", speed), status, note);
    el.append(root);
    let known = "";
    const draw = () => {
      const s = model.get("state");
      const speeds = s.speeds ?? [];
      const unit = (s.unit ?? "").trim();
      if (JSON.stringify([speeds, unit]) !== known) {
        known = JSON.stringify([speeds, unit]);
        speed.replaceChildren(...speeds.map((one) => make("option", { value: String(one) }, `${one} ${unit}${unit ? "/s" : " a second"}`.replace(/ +/g, " "))),
          make("option", { value: "full" }, "as fast as can be"));
      }
      speed.value = s.speed === null || s.speed === undefined ? "full" : String(s.speed);
      status.textContent = s.status ?? "";
      note.textContent = s.note ?? "";
    };
    return follow(model, draw);
  },
};
