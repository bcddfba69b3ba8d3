// Owns the paths that a click sketches in a phase plane, from the arrows that stand in the page. Needs no kernel.

const MOST_PATHS = 30;
const MOST_STEPS = 6000;
const SAME = 0.005; // share of the frame
const STRIDE = 0.25; // cells that a step may cross, and share of a change of speed that it may pass
const cells = Math.round(Math.sqrt(field.data.u.length)) - 1;
const [left, right] = frame.data.x;
const [bottom, top] = frame.data.y;

/** Speed at a place counted in cells, in cells per time, and how much it differs across the cell. */
function speed([x, y]) {
  if (!(x >= 0 && y >= 0 && x <= cells && y <= cells)) return null;
  const [i, j] = [Math.min(cells - 1, Math.floor(x)), Math.min(cells - 1, Math.floor(y))];
  const [a, b] = [x - i, y - j];
  const corner = j * (cells + 1) + i;
  const corners = [corner, corner + 1, corner + cells + 1, corner + cells + 2];
  const weights = [(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b];
  const mixed = (values, size) => {
    const held = corners.map((n) => (values[n] * cells) / size);
    return [held.reduce((sum, v, n) => sum + weights[n] * v, 0), Math.max(...held) - Math.min(...held)];
  };
  const [u, du] = mixed(field.data.u, right - left);
  const [v, dv] = mixed(field.data.v, top - bottom);
  return Number.isFinite(u + v) ? { u, v, rate: Math.hypot(u, v) + du + dv } : null;
}

/** A step of Runge and Kutta's fourth order; null where it leaves the plane. */
function step([x, y], h) {
  const one = speed([x, y]);
  const two = one && speed([x + (h / 2) * one.u, y + (h / 2) * one.v]);
  const three = two && speed([x + (h / 2) * two.u, y + (h / 2) * two.v]);
  const four = three && speed([x + h * three.u, y + h * three.v]);
  if (!four) return null;
  const move = (key) => (h / 6) * (one[key] + 2 * two[key] + 2 * three[key] + four[key]);
  return [x + move("u"), y + move("v")];
}

/** The path from a place of the plane, as two lists. */
function path(x, y) {
  let here = [((x - left) / (right - left)) * cells, ((y - bottom) / (top - bottom)) * cells];
  const places = [here];
  while (places.length < MOST_STEPS) {
    const now = speed(here);
    if (!now || now.rate === 0) break;
    const next = step(here, STRIDE / now.rate);
    if (!next || Math.hypot(next[0] - here[0], next[1] - here[1]) < 1e-5) break;
    places.push(next);
    here = next;
  }
  const back = (n, low, high) => places.map((place) => low + (place[n] / cells) * (high - low));
  return [back(0, left, right), back(1, bottom, top)];
}

/** Whether a click falls where the last one fell: the second half of a double click. */
function again(x, y) {
  const [oldX, oldY] = [Array.from(starts.data.x).pop(), Array.from(starts.data.y).pop()];
  return Math.abs(x - oldX) < SAME * (right - left) && Math.abs(y - oldY) < SAME * (top - bottom);
}

if (cb_obj.event_name === "reset") {
  starts.data = { x: [], y: [] };
  sketches.data = { xs: [], ys: [] };
} else if (cb_obj.x >= left && cb_obj.x <= right && cb_obj.y >= bottom && cb_obj.y <= top && !again(cb_obj.x, cb_obj.y)) {
  const last = (list, one) => [...list, one].slice(-MOST_PATHS);
  starts.data = { x: last(starts.data.x, cb_obj.x), y: last(starts.data.y, cb_obj.y) };
  if (sketched) {
    const [xs, ys] = path(cb_obj.x, cb_obj.y);
    sketches.data = { xs: last(sketches.data.xs, xs), ys: last(sketches.data.ys, ys) };
  }
}
