/* Owns how the figures of a page come to life. Must not know what they show. */
(() => {
  "use strict";

  const KINDS = {
    float64: Float64Array, float32: Float32Array, int32: Int32Array, uint32: Uint32Array,
    int16: Int16Array, uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array,
  };

  /** The text of a figure as compressed bytes, and these as they were. */
  async function inflated(text) {
    const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** Turn changes from step to step back into numbers; the highest code of real ones stands for what is no number. */
  function numbers(held, steps) {
    const values = new KINDS[held.dtype](held.count);
    const real = held.dtype.startsWith("float");
    const none = held.width === 1 ? 255 : 65535;
    let code = 0;
    for (let i = 0; i < held.count; i++) {
      code += steps[held.at + i];
      if (held.width === 2) code += steps[held.at + held.count + i] << 8;
      code &= none;
      values[i] = real && code === none ? NaN : held.low + code * held.step;
    }
    return values;
  }

  /** The same JSON with every array as Bokeh knows it. */
  function unpacked(held, steps) {
    if (Array.isArray(held)) return held.map((one) => unpacked(one, steps));
    if (held === null || typeof held !== "object") return held;
    if (held.type === "steps") {
      const array = { type: "bytes", data: numbers(held, steps) };
      return { type: "ndarray", array, shape: held.shape, dtype: held.dtype, order: "little" };
    }
    return Object.fromEntries(Object.entries(held).map(([key, value]) => [key, unpacked(value, steps)]));
  }

  async function wake(script) {
    const place = script.parentElement;
    try {
      const whole = await inflated(script.textContent);
      const end = 4 + new DataView(whole.buffer).getUint32(0, true);
      const item = JSON.parse(new TextDecoder().decode(whole.subarray(4, end)));
      await Bokeh.embed.embed_item(unpacked(item, whole.subarray(end)));
      place.classList.add("is-live");
    } catch (error) {
      place.classList.add("is-broken");
      console.error(error);
    }
  }

  /* one after the other from the top: the first is there at once */
  async function wakeAll() {
    for (const script of document.querySelectorAll("script.figure-data")) await wake(script);
    document.documentElement.dataset.figures = "awake";
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", wakeAll);
  else wakeAll();
})();
