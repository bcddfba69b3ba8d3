// Owns the copies of networks that the browser keeps, one for each workbench that was edited. Knows nothing of networks.

const KEPT = "nbkit-kept";
const MOST_KEPT = 8;

/** The copies, newest first; none where storage is not allowed or holds something else. */
function keptCopies() {
  try {
    const held = JSON.parse(window.localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(held) ? held.filter((copy) => copy && typeof copy.text === "string" && copy.session) : [];
  } catch {
    return [];
  }
}

/** Keep the present state of a workbench in place of its last one; where there is no room, older ones go. */
function keepCopy({ session, first, text, words, did }) {
  if (!text) return;
  const copies = [{ session, first, text, words, did, when: Date.now() }, ...keptCopies().filter((copy) => copy.session !== session)];
  for (let most = MOST_KEPT; most > 0; most -= 1) {
    try {
      window.localStorage.setItem(KEPT, JSON.stringify(copies.slice(0, most)));
      return;
    } catch {
      // no room, or no storage: try with fewer
    }
  }
}

/** The newest copy of the same beginning that another page made, if it is not what is shown already. */
function lostCopy({ session, first, text }) {
  const copy = keptCopies().find((each) => each.first === first && each.session !== session);
  return copy && copy.text !== text ? copy : null;
}

/** When a copy was made: the time, and the day unless it is today. */
function whenKept(copy) {
  const made = new Date(copy.when);
  const time = made.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return made.toDateString() === new Date().toDateString() ? `today ${time}` : `${made.toLocaleDateString()} ${time}`;
}

/** Tell when the kernel is gone, and when it answers again; where that cannot be known, nothing is told. */
function watchKernel(model, tell) {
  const kernel = model.widget_manager?.kernel;
  if (!kernel?.statusChanged) return () => {};
  const gone = ["dead", "restarting", "autorestarting", "terminating"];
  const status = (_, now) => gone.includes(now) && tell("stopped");
  const connection = (_, now) => tell(now === "connected" ? "" : now === "disconnected" ? "away" : null);
  const end = () => tell("stopped");
  kernel.statusChanged.connect(status);
  kernel.connectionStatusChanged?.connect(connection);
  kernel.disposed?.connect(end);
  return () => {
    kernel.statusChanged.disconnect(status);
    kernel.connectionStatusChanged?.disconnect(connection);
    kernel.disposed?.disconnect(end);
  };
}

/** The JSON that a link holds; text that is JSON already stays as it is. */
async function unfolded(text) {
  if (!text.startsWith("nbkit1.")) return text;
  const packed = atob(text.slice(7).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}
