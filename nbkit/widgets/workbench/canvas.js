// Owns the drawing of a network: nodes to drag and connect, arrows with heads and flat bars. Knows nothing of models.

const EDGE = 11; // a press this near to the rim of a population begins an arrow
const MOVED = 4; // pixels that make a press a drag

function point(svg, event) {
  const place = svg.createSVGPoint();
  [place.x, place.y] = [event.clientX, event.clientY];
  const inside = place.matrixTransform(svg.getScreenCTM().inverse());
  return [inside.x, inside.y];
}

const apart = ([ax, ay], [bx, by]) => Math.hypot(bx - ax, by - ay);

/** Where an arrow begins, bends and ends, between the rims of two nodes. */
function course(from, to, bend) {
  if (from === to) {
    const [x, y] = from.place;
    const r = from.radius;
    return { path: `M ${x - 0.55 * r} ${y - 0.84 * r} C ${x - 1.3 * r} ${y - 2.3 * r}, ${x + 1.3 * r} ${y - 2.3 * r}, ${x + 0.6 * r} ${y - 0.9 * r}`,
      end: [x + 0.6 * r, y - 0.9 * r], angle: Math.atan2(1.4 * r, -0.7 * r), middle: [x, y - 2.0 * r] };
  }
  const [dx, dy] = [to.place[0] - from.place[0], to.place[1] - from.place[1]];
  const middle = [(from.place[0] + to.place[0]) / 2 - dy * bend, (from.place[1] + to.place[1]) / 2 + dx * bend];
  const rim = (node, extra) => {
    const length = apart(node.place, middle) || 1;
    const reach = (node.kind === "stimulus" ? 30 : node.radius) + extra;
    return node.place.map((p, i) => p + ((middle[i] - p) * reach) / length);
  };
  const [start, end] = [rim(from, 2), rim(to, 5)];
  const label = middle.map((m, i) => 0.5 * m + 0.25 * (start[i] + end[i]));
  return { path: `M ${start} Q ${middle} ${end}`, end, angle: Math.atan2(end[1] - middle[1], end[0] - middle[0]), middle: label };
}

/** A head for excitation, a flat bar for inhibition, a dot for what is neither. */
function head(sign, [x, y], angle) {
  const turned = `translate(${x} ${y}) rotate(${(angle * 180) / Math.PI})`;
  if (sign < 0) return make("svg:rect", { class: "nbk-bar", x: -2, y: -9, width: 4, height: 18, transform: turned });
  if (sign > 0) return make("svg:path", { class: "nbk-head", d: "M 3 0 L -9 -6 L -9 6 Z", transform: turned });
  return make("svg:circle", { class: "nbk-head", r: 4, transform: turned });
}

class Canvas {
  constructor(model, el) {
    this.model = model;
    this.connecting = null; // the population where an arrow was begun by keyboard
    this.root = make("div", { class: "nbk nbk-canvas" });
    keepKeys(this.root);
    this.svg = make("svg:svg", { role: "group", "aria-label": "drawing of the network" });
    this.tools = make("div", { class: "nbk-tools" });
    this.ask = make("div", { class: "nbk-ask", role: "alert" });
    this.list = make("details", { class: "nbk-list" });
    this.root.append(this.svg, this.ask, this.tools, this.list);
    el.append(this.root);
    this.svg.addEventListener("click", (event) => {
      if (event.target === this.svg && !this.dragged) this.send("select", { names: [] });
      this.dragged = false;
    });
  }

  send(what, more = {}) {
    this.model.send({ do: what, ...more });
  }

  draw() {
    const s = this.model.get("state");
    if (!s.drawing) return;
    this.nodes = Object.fromEntries(s.drawing.nodes.map((node) => [node.name, node]));
    this.svg.setAttribute("viewBox", `0 0 ${s.size[0]} ${s.size[1]}`);
    keepFocus(this.root, () => {
      this.svg.replaceChildren(
        ...s.drawing.arrows.map((arrow) => this.arrow(arrow, s.selected)),
        ...s.drawing.nodes.map((node) => this.node(node, s.selected)),
        ...(s.drawing.nodes.length ? [] : [this.empty(s.size)]),
      );
      this.tools.replaceChildren(...this.buttons(s));
      this.ask.replaceChildren(...this.question(s));
      this.list.replaceChildren(make("summary", {}, "The same as a list"), this.plain(s));
    });
  }

  empty([width, height]) {
    return make("svg:text", { class: "nbk-empty", x: width / 2, y: height / 2 }, "Add a population to begin.");
  }

  node(node, selected) {
    const chosen = selected.includes(node.name);
    const kind = node.kind === "stimulus" ? "nbk-stimulus" : node.sign < 0 ? "nbk-inhibitory" : "nbk-excitatory";
    const group = make("svg:g", {
      class: `nbk-node ${kind}${chosen ? " nbk-chosen" : ""}${node.problem ? " nbk-wrong" : ""}`,
      transform: `translate(${node.place})`, tabindex: 0, role: "button", "aria-pressed": String(chosen),
      "aria-label": node.spoken + (node.problem ? ", something is wrong with it" : ""), "data-key": `node ${node.name}`,
      onpointerdown: (event) => this.press(event, node), onkeydown: (event) => this.key(event, node),
    });
    const width = Math.max(80, ...node.lines.map((line) => 7 * line.length));
    group.append(node.kind === "stimulus"
      ? make("svg:rect", { x: -width / 2, y: -22, width, height: 44, rx: 5 })
      : make("svg:circle", { r: node.radius }));
    node.lines.forEach((line, i) =>
      group.append(make("svg:text", { class: i ? "nbk-second" : "nbk-first", y: 16 * i - (node.lines.length > 1 ? 3 : -4) }, line)));
    return group;
  }

  arrow(arrow, selected) {
    const [from, to] = [this.nodes[arrow.source], this.nodes[arrow.target]];
    const way = course(from, to, arrow.bend);
    const stimulus = from.kind === "stimulus";
    const kind = stimulus ? "nbk-drive" : arrow.sign < 0 ? "nbk-inhibits" : arrow.sign > 0 ? "nbk-excites" : "nbk-mixed";
    const choose = () => this.send("select", { names: [arrow.name] });
    const group = make("svg:g", { class: `nbk-arrow ${kind}${selected.includes(arrow.name) ? " nbk-chosen" : ""}`, "data-arrow": arrow.name });
    if (!stimulus) {
      Object.entries({ tabindex: 0, role: "button", "aria-label": arrow.spoken, "data-key": `arrow ${arrow.name}` })
        .forEach(([key, value]) => group.setAttribute(key, value));
      group.addEventListener("click", choose);
      group.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && choose());
      group.addEventListener("keydown", (event) => event.key === "Delete" && this.send("remove_parts", { names: [arrow.name] }));
    }
    group.append(
      make("svg:path", { class: "nbk-reach", d: way.path }), make("svg:path", { class: "nbk-line", d: way.path }),
      head(stimulus ? 1 : arrow.sign, way.end, way.angle), make("svg:text", { class: "nbk-label", x: way.middle[0], y: way.middle[1] }, arrow.label));
    return group;
  }

  /** A press in the middle drags a node, one at the rim of a population draws an arrow; a click selects. */
  press(event, node) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.focus();
    const start = point(this.svg, event);
    const drawing = !this.root.closest(".nbk-locked") && node.kind === "population" && node.radius - apart(start, node.place) < EDGE;
    const mark = `drag ${Date.now()}`;
    const line = make("svg:path", { class: "nbk-drawn" });
    let moved = false;
    const follow = (move) => {
      const here = point(this.svg, move);
      moved = moved || apart(start, here) > MOVED;
      if (!moved) return;
      if (drawing) {
        if (!line.isConnected) this.svg.append(line);
        line.setAttribute("d", `M ${node.place} L ${here}`);
      } else {
        node.place = node.place.map((p, i) => p + here[i] - start[i]);
        [start[0], start[1]] = here;
        this.send("move", { name: node.name, place: node.place, drag: mark });
      }
    };
    const end = (up) => {
      window.removeEventListener("pointermove", follow);
      window.removeEventListener("pointerup", end);
      line.remove();
      this.dragged = moved;
      const target = moved && drawing ? this.at(point(this.svg, up)) : null;
      if (target) this.send("connect", { source: node.name, target: target.name });
      else if (!moved) this.choose(node, up.shiftKey);
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", end);
  }

  at(place) {
    return Object.values(this.nodes).find((node) => node.kind === "population" && apart(node.place, place) <= node.radius + EDGE);
  }

  choose(node, more) {
    const selected = this.model.get("state").selected;
    const others = selected.filter((name) => name !== node.name);
    const names = !more ? [node.name] : selected.includes(node.name) ? others : [...others, node.name];
    this.send("select", { names });
  }

  key(event, node) {
    const step = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
    if (step) this.send("move", { name: node.name, place: node.place.map((p, i) => p + step[i]), drag: `keys ${node.name}` });
    else if (event.key === "Delete") this.send("remove_parts", { names: [node.name] });
    else if (event.key === "Escape") this.begin(null);
    else if (event.key === "c" && node.kind === "population") this.begin(node.name);
    else if (event.key !== "Enter" && event.key !== " ") return;
    else if (this.connecting && node.kind === "population") {
      this.send("connect", { source: this.connecting, target: node.name });
      this.begin(null);
    } else this.choose(node, event.shiftKey);
    event.preventDefault();
  }

  begin(name) {
    this.connecting = name;
    this.ask.replaceChildren(...(name ? [`Connect ${name}: go to a population and press Enter, or Escape.`] : []));
  }

  buttons(s) {
    const one = s.selected.length === 1 && this.nodes[s.selected[0]]?.kind === "population" ? s.selected[0] : "";
    const models = make("select",
      { "aria-label": "Add a population", "data-key": "add", onchange: (e) => e.target.value && this.send("add_population", { model: e.target.value }) },
      make("option", { value: "" }, "+ Population"), ...s.models.map(([name, words]) => make("option", { value: name }, words)));
    return [
      models,
      button("+ Stimulus", one ? `Add a stimulus to ${one}` : "Select a population first", () => this.send("add_stimulus", { target: one }), { disabled: !one, "data-key": "stimulus" }),
      button("Connect", one ? `Connect ${one} to another population` : "Select a population first", () => this.begin(one), { disabled: !one, "data-key": "connect" }),
      button("Duplicate", "Duplicate what is selected", () => this.send("duplicate"), { disabled: !s.selected.length, "data-key": "duplicate" }),
      button("Delete", "Delete what is selected", () => this.send("remove"), { disabled: !s.selected.length, "data-key": "delete" }),
      make("span", { class: "nbk-hint" }, "Drag from the rim of one to another to connect."),
    ];
  }

  question(s) {
    if (!s.ports) return [];
    const { source, target, choices } = s.ports;
    return [`Connect ${source} to ${target} by: `, ...choices.map(([from, to, words]) =>
      button(words, "", () => this.send("connect", { source, target, port: [from, to] })))];
  }

  plain(s) {
    const rows = [...s.drawing.nodes, ...s.drawing.arrows.filter((arrow) => this.nodes[arrow.source].kind === "population")];
    return make("ul", {}, ...rows.map((part) =>
      make("li", {}, button(part.spoken, "", () => this.send("select", { names: [part.name] }), { "data-key": `list ${part.name}` }))));
  }
}

export default {
  render({ model, el }) {
    const canvas = new Canvas(model, el);
    return follow(model, () => canvas.draw());
  },
};
