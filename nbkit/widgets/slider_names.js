// Owns the names of sliders: ipywidgets gives its handles none, and notebooks take their arrow keys away.

/** Give every named handle under a root its attributes. */
function mark(root, names) {
  for (const [selector, attributes] of Object.entries(names)) {
    for (const node of root.querySelectorAll(selector)) {
      for (const [key, value] of Object.entries(attributes)) {
        if (node.getAttribute(key) !== value) node.setAttribute(key, value);
      }
    }
  }
}

export default {
  render({ model, el }) {
    el.style.display = "none";
    let frame = 0;
    let observer = null;
    const begin = () => {
      if (!el.isConnected) {
        frame = requestAnimationFrame(begin);
        return;
      }
      const root = el.closest(".nbkit-explore") ?? document.body;
      observer = new MutationObserver(() => mark(root, model.get("marks")));
      observer.observe(root, { childList: true, subtree: true });
      mark(root, model.get("marks"));
    };
    begin();
    return () => {
      cancelAnimationFrame(frame);
      observer?.disconnect();
    };
  },
};
