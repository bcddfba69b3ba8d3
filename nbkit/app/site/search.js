/* Owns the search of the gallery: cards that hold all typed words stay. Must not know what they lead to. */
(() => {
  "use strict";
  const field = document.getElementById("search");
  const found = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  const cards = [...document.querySelectorAll(".category .card")];
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const held = cards.map((card) => plain(card.dataset.words));

  function filter() {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let count = 0;
    cards.forEach((card, i) => {
      const stays = words.every((word) => held[i].includes(word));
      card.hidden = !stays;
      count += stays;
    });
    for (const section of document.querySelectorAll(".category")) {
      section.hidden = !section.querySelector(".card:not([hidden])");
    }
    found.textContent = words.length ? `${count} of ${cards.length}` : "";
    nothing.hidden = count > 0;
    const address = new URL(location);
    if (words.length) address.hash = `find=${encodeURIComponent(field.value)}`;
    else if (address.hash.startsWith("#find=")) address.hash = "";
    if (String(address) !== location.href) history.replaceState(null, "", address);
  }

  const asked = /^#find=(.*)$/.exec(location.hash);
  if (asked) field.value = decodeURIComponent(asked[1]);
  field.addEventListener("input", filter);
  filter();
})();
