// Owns the box that filters the index of the reference. Needs no server.
const box = document.getElementById("ref-find");
const count = document.getElementById("ref-count");
const lines = [...document.querySelectorAll(".ref-list li")].map((line) => ({ line, text: line.textContent.toLowerCase() }));

function filter() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { line, text } of lines) {
    line.hidden = !words.every((word) => text.includes(word));
    found += !line.hidden;
  }
  for (const part of document.querySelectorAll(".ref-part, .ref-group")) {
    part.hidden = !part.querySelector("li:not([hidden])");
  }
  count.textContent = words.length ? `${found} of ${lines.length} names` : "";
}

box.addEventListener("input", filter);
box.addEventListener("keydown", (event) => {
  const first = lines.find(({ line }) => !line.hidden);
  if (event.key === "Enter" && box.value && first) first.line.querySelector("a").click();
});
filter();
