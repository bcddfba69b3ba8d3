// Owns the menu of the ways out and in, and the line that tells of lost work. Knows nothing of networks.

const LARGEST_FILE = 8_000_000; // letters

function saveFile(name, mime, text) {
  const address = URL.createObjectURL(new Blob([text], { type: mime }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Copy a field's text; where the clipboard is closed, select it for the keys. */
async function copyField(field, told) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    told.textContent = "Copied.";
  } catch {
    told.textContent = document.execCommand("copy") ? "Copied." : "Press Ctrl+C to copy.";
  }
}

class ShareMenu {
  constructor(model) {
    this.model = model;
    this.kernel = ""; // "" while it answers, else "stopped" or "away"
    this.taken = null; // what the page itself wrote out while there was no kernel
    this.dismissed = model.nbkitDismissed ?? false;
    this.first = true;
    this.text = make("textarea", { readonly: true, rows: 6, "aria-label": "text to copy", "data-key": "share text", spellcheck: "false" });
    this.copied = make("span", { class: "nbk-muted", role: "status" });
    this.out = make("div", { class: "nbk-out" });
    this.outRow = make("div", { class: "nbk-buttons" });
    this.paste = make("input", { type: "text", placeholder: "paste a link or JSON", "aria-label": "Open a link or JSON of a network", "data-key": "paste",
      "aria-describedby": "nbk-answer", onchange: () => this.look(this.paste.value) });
    this.file = make("input", { type: "file", accept: ".json,.txt", hidden: true, "aria-label": "Open a file", onchange: () => this.read(this.file.files[0]) });
    this.answer = make("div", { class: "nbk-answer", "aria-live": "polite" });
    this.others = make("div", { class: "nbk-others" });
    this.sheet = make("div", { class: "nbk-sheet" },
      make("b", {}, "Take it with you"), this.outRow, this.out,
      make("b", {}, "Open another"),
      make("div", { class: "nbk-buttons" }, this.paste, button("File …", "Open a file; or drop one here", () => this.file.click(), { "data-key": "file" }), this.file),
      this.answer, this.others);
    this.node = make("details", { class: "nbk-share" }, make("summary", { "data-key": "share", title: "Python, JSON, notebook, link; open another network" }, "Share"), this.sheet);
    this.banner = make("div", { class: "nbk-banner", role: "status" });
    this.node.addEventListener("toggle", () => this.node.open && this.draw());
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.node.open = false;
      this.node.firstChild.focus();
    });
    this.sheet.addEventListener("dragover", (event) => { event.preventDefault(); event.stopPropagation(); });
    this.sheet.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const file = event.dataTransfer.files[0];
      if (file) this.read(file);
      else this.look(event.dataTransfer.getData("text"));
    });
  }

  /** Listen to the model, the kernel (which calls `changed`) and clicks elsewhere; returns what ends it. */
  follow(changed) {
    const draw = () => this.draw();
    const away = (event) => { if (this.node.open && !event.composedPath().includes(this.node)) this.node.open = false; };
    this.model.on("change:sharing", draw);
    document.addEventListener("pointerdown", away);
    const leave = watchKernel(this.model, (how) => {
      if (how === null || (this.kernel === "stopped" && how !== "stopped")) return;
      this.kernel = how;
      this.draw();
      changed();
    });
    this.draw();
    this.fromAddress();
    return () => {
      this.model.off("change:sharing", draw);
      document.removeEventListener("pointerdown", away);
      leave();
    };
  }

  /** A link at the end of the page's address is offered like a pasted one. */
  fromAddress() {
    const held = window.location.hash.slice(1);
    if (!held.startsWith("nbkit1.") || this.model.nbkitAddressRead) return;
    this.model.nbkitAddressRead = true;
    this.node.open = true;
    this.paste.value = held;
    this.look(held);
  }

  send(what, more = {}) {
    this.model.send({ do: what, ...more });
  }

  draw() {
    const s = this.model.get("sharing");
    if (!s.ways) return;
    if (s.number && !this.kernel) keepCopy(s);
    this.lost = this.dismissed || s.number ? this.lost : lostCopy(s);
    if (this.lost?.text === s.text) this.lost = null;
    keepFocus(this.sheet, () => {
      this.outRow.replaceChildren(...s.ways.map(([name, words]) =>
        button(words, `Show this network as ${words}`, () => this.take(name, s), { "data-key": `way ${name}`, disabled: Boolean(this.kernel) && !["link", "json"].includes(name) })));
      this.drawOut(this.taken ?? s.given);
      this.drawAnswer(s.answer);
      this.drawOthers(s);
    });
    this.drawBanner(s);
  }

  drawOut(given) {
    if (given.problem) this.out.replaceChildren(make("div", { class: "nbk-problem", role: "alert" }, given.problem));
    else if (!given.text) this.out.replaceChildren();
    else {
      if (this.text.value !== given.text) {
        this.text.value = given.text;
        this.copied.textContent = "";
      }
      this.out.replaceChildren(this.text, make("div", { class: "nbk-buttons" },
        button("Copy", `Copy the ${given.words}`, () => copyField(this.text, this.copied), { "data-key": "copy" }),
        button(`Save ${given.file}`, `Save as a file: ${given.file}`, () => saveFile(given.file, given.mime, given.text), { "data-key": "save file" }), this.copied));
    }
  }

  drawAnswer(answer) {
    this.paste.setAttribute("aria-invalid", String(Boolean(answer.problem)));
    this.answer.replaceChildren(...[
      answer.problem && make("div", { class: "nbk-problem", role: "alert" }, answer.problem),
      answer.offer && make("div", { class: "nbk-offer" }, `${answer.offer} `,
        button("Open", "Open this network in place of the present one; undo brings it back", () => { this.paste.value = ""; this.node.open = false; this.send("open_offered"); }, { "data-key": "open", class: "nbk-go" }),
        button("Leave it", "Keep the present network", () => { this.paste.value = ""; this.send("forget_offered"); }, { "data-key": "leave" })),
    ].filter(Boolean));
  }

  /** Everything else that this browser keeps. */
  drawOthers(s) {
    const copies = this.kernel ? [] : keptCopies().filter((copy) => copy.session !== s.session && copy.text !== s.text).slice(0, 4);
    const file = s.file.words ? [make("div", { class: s.file.kind === "bad" ? "nbk-problem" : "nbk-muted" }, `File: ${s.file.words}.`)] : [];
    const kept = copies.map((copy) =>
      make("li", {}, button(`${whenKept(copy)} · ${copy.words}`, `Look at what this browser kept: ${copy.words}`, () => this.look(copy.text), { "data-key": `kept ${copy.session}` })));
    this.others.replaceChildren(...file, ...(kept.length ? [make("b", {}, "Kept in this browser"), make("ul", {}, ...kept)] : []));
  }

  drawBanner(s) {
    const lines = [];
    if (this.kernel) lines.push(this.stopped(s));
    else if (this.lost) lines.push(this.restore());
    if (!this.kernel && ["bad", "note"].includes(s.file.kind)) lines.push(make("span", { class: s.file.kind === "bad" ? "nbk-problem" : "" }, `File: ${s.file.words}.`));
    this.banner.replaceChildren(...lines);
    this.banner.classList.toggle("nbk-warns", Boolean(this.kernel));
  }

  restore() {
    const copy = this.lost;
    const done = () => { this.lost = null; this.dismissed = this.model.nbkitDismissed = true; this.draw(); };
    return make("span", {}, `Kept from your last work here, ${whenKept(copy)}: ${copy.did}. `,
      button("Restore", `Restore ${copy.words}, ${whenKept(copy)}: ${copy.did}`, () => { this.send("restore", { text: copy.text }); done(); }, { "data-key": "restore", class: "nbk-go" }),
      button("No", "Leave it; it stays in the Share menu", done, { "data-key": "dismiss" }));
  }

  stopped(s) {
    const away = this.kernel === "away";
    const kept = s.text ? "What you made is kept in this browser: reload the page or run the cell again, and choose Restore. " : "";
    return make("span", {}, make("b", {}, away ? "The connection to the kernel is lost. " : "The kernel has stopped. "),
      `What you see stays, but no longer answers. ${away ? "" : kept}`,
      ...(s.text ? [button("Take it along", "Show the last state as a link, to copy or save", () => { this.node.open = true; this.take("link", s); }, { "data-key": "rescue" })] : []));
  }

  /** Ask for a way out; without a kernel the page writes what it can by itself. */
  async take(name, s) {
    if (!this.kernel) {
      this.taken = null;
      this.send("share", { kind: name });
      return;
    }
    const link = name === "link" && s.text.startsWith("nbkit1.");
    const text = link ? s.text : await unfolded(s.text);
    this.taken = { words: link ? "Link" : "JSON", file: link ? "my_network.txt" : "my_network.json", mime: link ? "text/plain" : "application/json", text };
    this.draw();
  }

  look(text) {
    if (text.trim()) this.send("look_at", { text });
  }

  async read(file) {
    if (!file) return;
    this.file.value = "";
    this.paste.value = "";
    if (file.size > LARGEST_FILE) this.drawAnswer({ problem: `${file.name} is too large for a network.` });
    else this.look((await file.text()) || " {}");
  }
}
