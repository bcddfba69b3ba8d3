// Owns the browser's half of a live figure: fetches BokehJS once per page, embeds the figure, follows changes.
// Knows nothing of simulations.

const BOKEH_WAIT_MS = 60000;
const PATIENCE_MS = 8000;
const WAITING = "Waiting for the kernel. If no figure appears, run the cell again.";

/** Give BokehJS of one version; the first view of the page that needs it asks the kernel for it. */
function bokehFor(model) {
  const version = model.get("_bokeh_version");
  const found = window.Bokeh?.[version] ?? (window.Bokeh?.version === version ? window.Bokeh : null);
  if (found) return Promise.resolve(found);
  const loading = (window.__nbkitBokeh ??= {});
  loading[version] ??= fetchBokeh(model, version).catch((error) => {
    delete loading[version];
    throw error;
  });
  return loading[version];
}

function fetchBokeh(model, version) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => finish(reject, new Error("the kernel did not send BokehJS")), BOKEH_WAIT_MS);
    const listen = (message, buffers) => {
      if (message.type !== "script") return;
      const script = document.createElement("script");
      script.textContent = new TextDecoder().decode(bytes(buffers[0]));
      script.dataset.nbkitBokeh = version;
      document.head.append(script);
      const bokeh = window.Bokeh?.[version] ?? window.Bokeh;
      if (bokeh) finish(resolve, bokeh);
      else finish(reject, new Error("BokehJS could not be loaded"));
    };
    const finish = (settle, value) => {
      clearTimeout(late);
      model.off("msg:custom", listen);
      settle(value);
    };
    model.on("msg:custom", listen);
    model.send({ type: "want-script" });
  });
}

/** Copy a buffer, because its place in the message need not fit the size of a number. */
function bytes(buffer) {
  if (buffer instanceof ArrayBuffer) return buffer;
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
}

function numbers(column, buffer) {
  return column.dtype === "float32" ? new Float32Array(bytes(buffer)) : new Float64Array(bytes(buffer));
}

/** Put new columns into a data source. Two axes are a list of lines, three a list of one image.
 *  An image is a new array, because Bokeh does not look for changes inside the old one. */
function replaceColumns(source, columns) {
  const data = { ...source.data };
  for (const { name, shape, values } of columns) {
    if (shape.length === 1) data[name] = values;
    else if (shape.length === 2) {
      data[name] = Array.from({ length: shape[0] }, (_, i) => values.subarray(i * shape[1], (i + 1) * shape[1]));
    } else {
      const [old] = data[name];
      data[name] = [new old.constructor(values, old.shape)];
    }
  }
  source.data = data;
}

/** One embedded figure: made from an item, changed by messages, taken away in the end. */
class Embedded {
  static async make(bokeh, buffer, host) {
    const item = JSON.parse(new TextDecoder().decode(bytes(buffer)));
    const dark = isDark(host);
    const views = await bokeh.embed.embed_item(dark ? darkened(item) : item, host);
    return new Embedded(bokeh, views, dark);
  }

  constructor(bokeh, views, dark) {
    this.bokeh = bokeh;
    this.views = views;
    this.dark = dark;
    this.document = views.roots[0].model.document;
  }

  change(message, buffers) {
    const perSource = new Map();
    message.columns.forEach((column, i) => {
      const list = perSource.get(column.source) ?? [];
      list.push({ ...column, values: numbers(column, buffers[i]) });
      perSource.set(column.source, list);
    });
    const settings = this.dark ? darkened(message.settings) : message.settings;
    for (const [name, values] of Object.entries(settings)) this.document.get_model_by_name(name)?.setv(values);
    for (const [name, columns] of perSource) replaceColumns(this.document.get_model_by_name(name), columns);
  }

  /** The figure as a file of this kind, "png" or "svg". */
  export(kind) {
    return this.views.roots[0].export(kind).to_blob();
  }

  remove() {
    for (const view of [...this.views.roots]) view.remove();
    const all = this.bokeh.documents;
    const place = all.indexOf(this.document);
    if (place >= 0) all.splice(place, 1);
    this.document.clear();
  }
}

/** One view of a LiveFigure. Messages are worked off one after the other; each is acknowledged once painted. */
class View {
  constructor(model, el) {
    this.model = model;
    this.id = crypto.randomUUID?.() ?? String(Math.random());
    this.figure = null;
    this.started = false;
    this.work = Promise.resolve();
    this.host = document.createElement("div");
    this.host.className = "nbkit-figure";
    this.host.setAttribute("role", "figure");
    this.line = document.createElement("div");
    this.line.className = "nbkit-problem";
    this.line.setAttribute("role", "alert");
    el.append(this.host, this.line);
    this.listen = (message, buffers) => this.receive(message, buffers);
    this.tell = () => this.say(model.get("problem"));
    model.on("msg:custom", this.listen);
    model.on("change:problem", this.tell);
    this.host.addEventListener("nbkit-export", (event) => {
      event.detail.blob = this.figure?.export(event.detail.kind);
    });
    this.leave = onTheme(() => this.shade());
    this.tell();
  }

  /** Ask for the figure anew where the page has become dark or light. */
  shade() {
    if (this.figure && this.figure.dark !== isDark(this.host)) this.send({ type: "want-item", view: this.id });
  }

  async start() {
    const impatient = setTimeout(() => this.say(WAITING), PATIENCE_MS);
    this.arrived = () => {
      clearTimeout(impatient);
      this.tell();
    };
    try {
      this.bokeh = await bokehFor(this.model);
      this.model.send({ type: "want-item", view: this.id });
    } catch (error) {
      clearTimeout(impatient);
      this.say(`The figure cannot be shown: ${error.message}`);
    }
  }

  receive(message, buffers) {
    const mine = message.type === "item" && (message.view === this.id || (message.view === "all" && this.started));
    if (!mine && !(message.type === "change" && this.started)) return;
    this.started = true;
    this.work = this.work.then(() => this.apply(message, buffers));
  }

  async apply(message, buffers) {
    if (this.gone) return;
    try {
      if (message.type === "item") await this.embed(buffers[0]);
      else this.figure?.change(message, buffers);
      this.host.setAttribute("aria-label", message.summary);
      this.arrived();
    } catch (error) {
      console.error(error);
      this.say(`The figure cannot be drawn: ${error.message}`);
    } finally {
      requestAnimationFrame(() => this.send({ type: "ack", number: message.number }));
    }
  }

  async embed(buffer) {
    const height = this.host.offsetHeight;
    if (height) this.host.style.minHeight = `${height}px`;
    this.figure?.remove();
    this.figure = null;
    this.host.replaceChildren();
    this.figure = await Embedded.make(this.bokeh, buffer, this.host);
    this.host.style.minHeight = "";
    if (this.gone) this.figure.remove();
    else this.shade(); // the page may have changed in the meantime
  }

  say(text) {
    this.line.textContent = text;
    this.line.hidden = !text;
  }

  send(message) {
    try {
      if (!this.gone) this.model.send(message);
    } catch {
      // the kernel is gone; there is nobody to tell
    }
  }

  end() {
    this.send({ type: "gone", view: this.id });
    this.gone = true;
    this.leave();
    this.model.off("msg:custom", this.listen);
    this.model.off("change:problem", this.tell);
    this.figure?.remove();
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    view.start();
    return () => view.end();
  },
};
