// Owns the small pieces that all panes share. Knows nothing of networks.

/** Make an element with attributes and children; on... are listeners. */
function make(tag, attributes = {}, ...children) {
  const spaced = tag.startsWith("svg:");
  const node = spaced
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A button that keeps its keys to itself: notebooks take arrows and letters away from what they do not know. */
function button(words, spoken, act, attributes = {}) {
  const name = spoken || words;
  return make("button", { type: "button", "data-tip": name === words ? null : name, "aria-label": name, onclick: act, ...attributes }, words);
}

/** Keep the keys of a control from the notebook around it, which looks at the focused element alone. */
function keepKeys(root) {
  const keep = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("focusin", keep);
  root.addEventListener("keydown", (event) => event.stopPropagation());
  tips(root);
}

let redrawing = false; // focus that is put back is no news

/** Show what is said about a control while the mouse is on it, or while it has focus by keyboard. */
function tips(root) {
  const tip = make("div", { class: "nbk-tip", role: "tooltip" });
  const hide = () => tip.remove();
  const show = (node) => {
    const told = node?.dataset.tip;
    if (!told) return hide();
    tip.textContent = told;
    document.body.append(tip);
    const [about, own] = [node.getBoundingClientRect(), tip.getBoundingClientRect()];
    const below = about.bottom + 6 + own.height < window.innerHeight;
    tip.style.top = `${below ? about.bottom + 6 : about.top - own.height - 6}px`;
    tip.style.left = `${Math.max(4, Math.min(about.left, window.innerWidth - own.width - 4))}px`;
  };
  const of = (event) => event.target.closest?.("[data-tip]");
  root.addEventListener("pointerover", (event) => show(of(event)));
  root.addEventListener("pointerleave", hide);
  root.addEventListener("pointerdown", hide);
  root.addEventListener("focusin", (event) => !redrawing && event.target.matches(":focus-visible") && show(of(event)));
  root.addEventListener("focusout", hide);
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

/** A field in which a part is given another name: Enter takes it, Escape leaves the old one. */
function renaming(model, name, close) {
  const field = make("input", { type: "text", value: name, size: 12, "aria-label": `New name of ${name}`, "data-key": "rename" });
  const done = (take) => {
    if (take && field.value.trim() !== name) model.send({ do: "rename", name, new: field.value });
    close();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    done(event.key === "Enter");
  });
  requestAnimationFrame(() => { field.focus(); field.select(); });
  return field;
}

/** A small histogram: bars, the ends below them, and a sentence. */
function bars(drawn) {
  const [width, height] = [150, 34];
  const most = Math.max(...drawn.counts, 1);
  const each = width / drawn.counts.length;
  const picture = make("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": drawn.words, class: "nbk-bars", preserveAspectRatio: "none" },
    ...drawn.counts.map((count, i) => make("svg:rect", { x: i * each + 0.4, width: each - 0.8,
      y: height - (count / most) * height, height: (count / most) * height })));
  const least = (drawn.high - drawn.low) / 1000; // what is smaller reads as nothing
  const ends = [drawn.low, drawn.high].map((end) => make("span", {}, String(Math.abs(end) < least ? 0 : Number(end.toPrecision(3)))));
  return make("div", { class: "nbk-histogram" }, picture, make("div", { class: "nbk-ends" }, ...ends), make("div", { class: "nbk-told" }, drawn.words));
}

/** Draw whenever the state changes; returns what ends it. */
function follow(model, draw) {
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

/** Put focus back onto the control that had it before everything was drawn anew. */
function keepFocus(root, redraw) {
  const active = root.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  document.querySelectorAll(".nbk-tip").forEach((tip) => tip.remove());
  redraw();
  redrawing = true;
  if (active !== undefined && !root.contains(document.activeElement)) root.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
  redrawing = false;
}

/** A small drawing of one path, 24 units wide, filled or as a line. */
function icon(path, line = false) {
  const look = line ? { fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" } : { fill: "currentColor" };
  return make("svg:svg", { class: "nbk-drawing", viewBox: "0 0 24 24", "aria-hidden": "true" }, make("svg:path", { d: path, ...look }));
}
