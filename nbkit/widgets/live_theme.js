// Owns the colours of a figure on dark paper: every light colour has a dark one. Knows nothing of what a figure shows.

const PAPER = [15, 23, 42];
const WHITE = "#0f172a";
/** light -> dark; what is not listed is made lighter until it can be seen. */
const DARK = {
  "#ffffff": WHITE, white: WHITE,
  "#1e293b": "#e2e8f0", "#64748b": "#a9b6c9", "#e9eef5": "#263246", "#94a3b8": "#64748b", "#8693a6": "#8f9db1",
  "#cbd5e1": "#475569", "#b4c0d0": "#56657c", "#1d4ed8": "#7aa7ff", "#c2410c": "#fb923c", "#0f766e": "#2dd4bf", "#0f172a": "#e2e8f0", "#581c87": "#b794f6",
};
const HEX = /^#[0-9a-f]{6}([0-9a-f]{2})?$/i;
const LEAST = 4.5; // contrast with the paper

const parts = (ink) => [1, 3, 5].map((k) => parseInt(ink.slice(k, k + 2), 16));
const light = (channels) => {
  const [r, g, b] = channels.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (channels) => (Math.max(light(channels), light(PAPER)) + 0.05) / (Math.min(light(channels), light(PAPER)) + 0.05);

/** The colour that stands on dark paper for one on light paper. */
function darkOf(ink) {
  const plain = ink.toLowerCase();
  if (plain in DARK) return DARK[plain];
  if (!HEX.test(plain)) return ink;
  let channels = parts(plain);
  for (let i = 0; i < 20 && contrast(channels) < LEAST; i++) channels = channels.map((c) => Math.round(c + (255 - c) * 0.1));
  return `#${channels.map((c) => c.toString(16).padStart(2, "0")).join("")}${plain.slice(7)}`;
}

/** Colours in the middle of text, such as a style sheet. */
const darkText = (text) => text.replace(/#[0-9a-f]{6}\b/gi, darkOf).replace(/(background[a-z-]*:\s*)white\b/g, `$1${WHITE}`);

/** Whether a figure stands on dark paper: whoever puts it there says so in a property of the page's style. */
function isDark(host) {
  return getComputedStyle(host).getPropertyValue("--nbk-scheme").trim() === "dark";
}

/** A figure, as JSON, with other colours: those of lines, areas and words, not those that stand for numbers. */
function darkened(node, key = "") {
  if (typeof node === "string") {
    if (key === "css" || (key === "text" && node.includes("<"))) return darkText(node);
    return node.length <= 9 ? darkOf(node) : node;
  }
  if (Array.isArray(node)) return key === "palette" ? node : node.map((one) => darkened(one, key));
  if (node === null || typeof node !== "object") return node;
  const made = {};
  for (const [name, held] of Object.entries(node)) made[name] = darkened(held, name);
  const named = made.attributes?.name;
  if (typeof named === "string" && named.endsWith("shades")) made.attributes.palette = [...node.attributes.palette].map(darkOf).reverse();
  return made;
}

/** Call back whenever the page may have changed between light and dark; returns what ends it. */
function onTheme(told) {
  const asked = window.matchMedia("(prefers-color-scheme: dark)");
  const watch = new MutationObserver(told);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind", "class"] });
  asked.addEventListener("change", told);
  return () => {
    watch.disconnect();
    asked.removeEventListener("change", told);
  };
}
