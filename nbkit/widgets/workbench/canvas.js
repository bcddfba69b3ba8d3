// Owns what is done on the drawing of a network: dragging, connecting, selecting, renaming. Knows nothing of models.

const EDGE = 11; // a press this near to the rim of a population begins an arrow
const MOVED = 4; // pixels that make a press a drag
const LET_GO_MS = 600; // after a drag, for the kernel to answer
const TWICE_MS = 400; // two presses within this time are a double click

class Canvas {
  constructor(model, el) {
    this.model = model;
    this.connecting = null; // the population where an arrow was begun by keyboard
    this.renamed = null; // the part that is being given another name
    this.held = null; // the node that is being dragged, and where: older answers do not pull it back
    this.chosen = null; // what was selected last and not yet answered
    this.blank = false; // whether an empty canvas was asked for
    this.pressed = { name: "", at: 0 };
    this.root = make("div", { class: "nbk nbk-canvas" });
    keepKeys(this.root);
    this.svg = make("svg:svg", { role: "group", "aria-label": "drawing of the network", tabindex: 0, "data-key": "ground",
      onpointerdown: (event) => this.ground(event), onkeydown: (event) => this.keyOnGround(event) });
    this.cards = make("div", { class: "nbk-cards", role: "group", "aria-label": "Begin with one of these" });
    this.ask = make("div", { class: "nbk-ask", role: "alert" });
    this.panel = new CanvasTools(this);
    this.root.append(this.cards, this.svg, this.ask, ...this.panel.nodes);
    el.append(this.root);
  }

  send(what, more = {}) {
    if (what === "select") this.chosen = more.names;
    this.model.send({ do: what, ...more });
  }

  /** What is selected, as it will be once the kernel has answered. */
  selected() {
    return this.chosen ?? this.model.get("state").selected;
  }

  draw() {
    const s = this.model.get("state");
    if (!s.drawing) return;
    this.chosen = null;
    this.nodes = Object.fromEntries(s.drawing.nodes.map((node) => [node.name, node]));
    if (this.held && this.nodes[this.held.name]) this.nodes[this.held.name].place = this.held.place;
    this.svg.setAttribute("viewBox", `0 0 ${s.size[0]} ${s.size[1]}`);
    const empty = !s.drawing.nodes.length;
    this.blank = this.blank && empty;
    const cards = empty && !this.blank;
    keepFocus(this.root, () => {
      this.svg.toggleAttribute("hidden", cards);
      this.cards.replaceChildren(...(cards ? this.beginnings(s) : []));
      this.svg.replaceChildren(
        ...s.drawing.arrows.map((arrow) => this.arrow(arrow, s.selected)),
        ...s.drawing.nodes.map((node) => this.node(node, s.selected)),
        ...(empty && !cards ? [make("svg:text", { class: "nbk-empty", x: s.size[0] / 2, y: s.size[1] / 2 }, "Add a population to begin.")] : []),
        ...this.silence(s),
      );
      this.question(s);
      this.panel.draw(s);
    });
  }

  beginnings(s) {
    const begin = (name) => {
      this.blank = name === "blank";
      if (this.blank) this.draw();
      else this.send("open_motif", { name });
    };
    return [
      ...s.cards.map(([name, words, about]) => make("button", { type: "button", class: "nbk-card", "aria-label": `Begin with: ${words}`, "data-key": `card ${name}`,
        onclick: () => begin(name) }, make("b", {}, words), make("span", {}, about))),
      make("p", { class: "nbk-hint" }, "Or add a population to begin."),
    ];
  }

  node(node, selected) {
    const chosen = selected.includes(node.name);
    const group = nodeShape(node, chosen);
    Object.entries({ tabindex: 0, role: "button", "aria-pressed": String(chosen), "data-key": `node ${node.name}`,
      "aria-label": node.spoken + (node.problem ? ", something is wrong with it" : "") }).forEach(([key, value]) => group.setAttribute(key, value));
    group.addEventListener("pointerdown", (event) => this.press(event, node));
    group.addEventListener("keydown", (event) => this.key(event, node));
    return group;
  }

  arrow(arrow, selected) {
    const [from, to] = [this.nodes[arrow.source], this.nodes[arrow.target]];
    const group = arrowShape(arrow, from, to, selected.includes(arrow.name));
    if (from.kind === "stimulus") return group;
    Object.entries({ tabindex: 0, role: "button", "aria-label": arrow.spoken, "aria-pressed": String(selected.includes(arrow.name)), "data-key": `arrow ${arrow.name}` })
      .forEach(([key, value]) => group.setAttribute(key, value));
    group.addEventListener("pointerdown", (event) => { event.stopPropagation(); group.focus(); });
    group.addEventListener("click", (event) => this.choose(arrow, event.shiftKey));
    group.addEventListener("keydown", (event) => {
      if (this.commonKey(event, arrow.name)) return;
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.choose(arrow, event.shiftKey);
    });
    return group;
  }

  /** What is offered beside a population that nothing drives. */
  silence(s) {
    const node = s.silence && this.nodes[s.silence.name];
    if (!node) return [];
    const [width, height] = [226, 66];
    const left = Math.max(2, Math.min(node.place[0] - width / 2, s.size[0] - width - 2));
    const tops = [node.place[1] + node.radius + 8, node.place[1] - node.radius - height - 8].filter((top) => top >= 2 && top + height < s.size[1]);
    const covers = (top) => s.drawing.nodes.filter((other) => other.name !== node.name && other.place[0] + other.radius > left
      && other.place[0] - other.radius < left + width && other.place[1] + other.radius > top && other.place[1] - other.radius < top + height).length;
    const top = tops.sort((one, other) => covers(one) - covers(other))[0] ?? 2;
    const acts = s.silence.remedies.map(([words, full], i) =>
      button(words, full[0].toUpperCase() + full.slice(1), () => this.send("wake", { remedy: i }), { "data-key": `wake ${i}` }));
    const box = make("div", { class: "nbk nbk-silence", "aria-live": "polite" }, make("div", {}, `Nothing drives ${node.name}.`), ...acts);
    box.addEventListener("pointerdown", (event) => event.stopPropagation());
    const place = make("svg:foreignObject", { x: left, y: top, width, height });
    place.append(box);
    return [place];
  }

  /** A press on empty ground begins a box; what it holds is selected. A click selects nothing. */
  ground(event) {
    if (event.button !== 0 || event.target !== this.svg) return;
    const start = point(this.svg, event);
    const box = make("svg:rect", { class: "nbk-box" });
    let here = start;
    const follow = (move) => {
      here = point(this.svg, move);
      if (!box.isConnected) this.svg.append(box);
      const [x, y] = [0, 1].map((i) => Math.min(start[i], here[i]));
      Object.entries({ x, y, width: Math.abs(here[0] - start[0]), height: Math.abs(here[1] - start[1]) })
        .forEach(([key, value]) => box.setAttribute(key, value));
    };
    const end = (up) => {
      window.removeEventListener("pointermove", follow);
      window.removeEventListener("pointerup", end);
      box.remove();
      const before = up.shiftKey ? this.selected() : [];
      const inside = apart(start, here) > MOVED ? this.within(start, here) : [];
      this.send("select", { names: [...new Set([...before, ...inside])] });
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", end);
  }

  /** Names of the parts whose middles lie in a box. */
  within(one, other) {
    const holds = (place) => place.every((p, i) => p >= Math.min(one[i], other[i]) && p <= Math.max(one[i], other[i]));
    const { nodes, arrows } = this.model.get("state").drawing;
    const ways = arrows.filter((arrow) => this.nodes[arrow.source].kind === "population" && holds(course(this.nodes[arrow.source], this.nodes[arrow.target], arrow.bend).middle));
    return [...nodes.filter((node) => holds(node.place)), ...ways].map((part) => part.name);
  }

  /** A press in the middle drags a node, one at the rim of a population draws an arrow; a click selects, two rename. */
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
        this.held = { name: node.name, place: node.place };
        this.find(node.name)?.setAttribute("transform", `translate(${node.place})`); // at once; its arrows follow
        this.send("move", { name: node.name, place: node.place, drag: mark });
      }
    };
    const end = (up) => {
      window.removeEventListener("pointermove", follow);
      window.removeEventListener("pointerup", end);
      line.remove();
      if (moved) this.letGo(this.held);
      const target = moved && drawing ? this.at(point(this.svg, up)) : null;
      if (target) this.send("connect", { source: node.name, target: target.name });
      else if (!moved) this.clicked(node, up.shiftKey);
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", end);
  }

  /** Believe the kernel again about a place, once it had time to answer. */
  letGo(held) {
    setTimeout(() => {
      if (this.held !== held) return;
      this.held = null;
      this.draw();
    }, LET_GO_MS);
  }

  clicked(node, more) {
    const twice = this.pressed.name === node.name && Date.now() - this.pressed.at < TWICE_MS;
    this.pressed = { name: twice ? "" : node.name, at: Date.now() };
    if (twice) this.rename(node.name);
    else this.choose(node, more);
  }

  find(name) {
    return this.root.querySelector(`[data-key="${CSS.escape(`node ${name}`)}"]`);
  }

  at(place) {
    return Object.values(this.nodes).find((node) => node.kind === "population" && apart(node.place, place) <= node.radius + EDGE);
  }

  choose(part, more) {
    const selected = this.selected();
    const others = selected.filter((name) => name !== part.name);
    const names = !more ? [part.name] : selected.includes(part.name) ? others : [...others, part.name];
    this.send("select", { names });
  }

  /** Keys that mean the same on every part; returns whether it was one. */
  commonKey(event, name) {
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "Delete" || event.key === "Backspace") this.send("remove_parts", { names: [name] });
    else if (event.key === "F2") this.rename(name);
    else if (control && event.key.toLowerCase() === "d") {
      if (!this.selected().includes(name)) this.send("select", { names: [name] });
      this.send("duplicate");
    } else return this.keyOnGround(event);
    event.preventDefault();
    return true;
  }

  /** Undo, redo and the selection of everything, wherever on the canvas. */
  keyOnGround(event) {
    const letter = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : "";
    if (letter === "a") this.send("select", { names: [...new Set([...Object.keys(this.nodes), ...this.model.get("state").drawing.arrows.map((arrow) => arrow.name)])] });
    else if (letter === "z") this.send(event.shiftKey ? "redo" : "undo");
    else if (letter === "y") this.send("redo");
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  key(event, node) {
    if (this.commonKey(event, node.name)) return;
    const step = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
    if (step) this.send("move", { name: node.name, place: node.place.map((p, i) => p + step[i]), drag: `keys ${node.name}` });
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

  rename(name) {
    this.renamed = name;
    const close = () => {
      this.renamed = null;
      this.question(this.model.get("state"));
      this.find(name)?.focus();
    };
    this.ask.replaceChildren(make("label", {}, `Rename ${name} to `, renaming(this.model, name, close)));
  }

  /** What is asked or told below the drawing; a name that is being typed stays. */
  question(s) {
    if (this.renamed !== null || this.connecting !== null) return;
    const told = [...Object.keys(this.nodes)].map((name) => s.problems?.[name]).filter(Boolean);
    const { source, target, choices } = s.ports ?? { choices: [] };
    this.ask.replaceChildren(
      ...told.map((words) => make("span", { class: "nbk-problem" }, words)),
      ...(source ? [`Connect ${source} to ${target} by: `] : []),
      ...choices.map(([from, to, words]) => button(words, "", () => this.send("connect", { source, target, port: [from, to] }))));
  }
}

export default {
  render({ model, el }) {
    const canvas = new Canvas(model, el);
    return follow(model, () => canvas.draw());
  },
};
