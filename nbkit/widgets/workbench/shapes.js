// Owns the shapes of the drawing: nodes, arrows with heads and flat bars. Knows nothing of what is done with them.

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
    const up = from.loop_up ? 1 : -1;
    return { path: `M ${x - 0.55 * r} ${y - up * 0.84 * r} C ${x - 1.3 * r} ${y - up * 2.3 * r}, ${x + 1.3 * r} ${y - up * 2.3 * r}, ${x + 0.6 * r} ${y - up * 0.9 * r}`,
      end: [x + 0.6 * r, y - up * 0.9 * r], angle: Math.atan2(up * 1.4 * r, -0.7 * r), middle: [x, y - up * 2.0 * r] };
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

function nodeShape(node, chosen) {
  const kind = node.kind === "stimulus" ? "nbk-stimulus" : node.sign < 0 ? "nbk-inhibitory" : "nbk-excitatory";
  const group = make("svg:g", {
    class: `nbk-node ${kind}${chosen ? " nbk-chosen" : ""}${node.problem ? " nbk-wrong" : ""}`, transform: `translate(${node.place})`,
  });
  const width = Math.max(80, ...node.lines.map((line) => 7 * line.length));
  group.append(node.kind === "stimulus"
    ? make("svg:rect", { x: -width / 2, y: -22, width, height: 44, rx: 5 })
    : make("svg:circle", { r: node.radius }));
  node.lines.forEach((line, i) =>
    group.append(make("svg:text", { class: i ? "nbk-second" : "nbk-first", y: 16 * i - (node.lines.length > 1 ? 3 : -4) }, line)));
  return group;
}

function arrowShape(arrow, from, to, chosen) {
  const way = course(from, to, arrow.bend);
  const stimulus = from.kind === "stimulus";
  const kind = stimulus ? "nbk-drive" : arrow.sign < 0 ? "nbk-inhibits" : arrow.sign > 0 ? "nbk-excites" : "nbk-mixed";
  return make("svg:g", { class: `nbk-arrow ${kind}${chosen ? " nbk-chosen" : ""}`, "data-arrow": arrow.name },
    make("svg:path", { class: "nbk-reach", d: way.path }), make("svg:path", { class: "nbk-line", d: way.path }),
    head(stimulus ? 1 : arrow.sign, way.end, way.angle), make("svg:text", { class: "nbk-label", x: way.middle[0], y: way.middle[1] }, arrow.label));
}
