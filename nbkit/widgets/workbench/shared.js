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
  return make("button", { type: "button", title: name, "aria-label": name, onclick: act, ...attributes }, words);
}

/** Keep the keys of a control from the notebook around it, which looks at the focused element alone. */
function keepKeys(root) {
  const keep = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("focusin", keep);
  root.addEventListener("keydown", (event) => event.stopPropagation());
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
  redraw();
  if (active !== undefined) root.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
}
