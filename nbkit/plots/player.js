// Owns the player of a sheet: which frame is shown, when the next one comes, what is spoken. Runs in any page, without a kernel.

const TICK_MS = 50;
const TICKS = 200;
const NOTHING = 65535;

/** Decode a frame into the image that is drawn. */
function show() {
  const cells = image.data.image[0];
  const { code } = frames.data;
  const low = scale.data.low[0];
  const unit = (scale.data.high[0] - low) / (NOTHING - 1);
  const first = slider.value * cells.length;
  for (let i = 0; i < cells.length; i++) {
    const found = code[first + i];
    cells[i] = found === NOTHING ? NaN : low + found * unit;
  }
  image.change.emit();
  const now = moments.data.time[slider.value];
  moment.text = `t = ${now.toFixed(scale.data.digits[0])} ${time_words}`;
  speak();
}

/** Go on to the end; from the end, begin again. */
function play() {
  clearInterval(button.tags[0]);
  button.label = button.active ? "❚❚ Pause" : "▶ Play";
  if (!button.active) return;
  if (slider.value >= slider.end) slider.value = 0;
  const stride = Math.max(1, Math.round(slider.end / TICKS));
  const timer = setInterval(() => {
    if (slider.document === null) {
      clearInterval(timer);
      return;
    }
    slider.value = Math.min(slider.end, slider.value + stride);
    if (slider.value === slider.end) button.active = false;
  }, TICK_MS);
  button.tags = [timer];
}

/** Give the slider's handle its name and its words, and its arrow keys back in notebooks. */
function speak() {
  const view = cb_context.index.find_one(slider);
  const handle = view?.shadow_el.querySelector(".noUi-handle");
  if (!handle) return;
  view.el.dataset.lmSuppressShortcuts = "true";
  handle.setAttribute("aria-label", spoken);
  handle.setAttribute("aria-valuetext", moment.text);
}

if (cb_obj === button) play();
else if (cb_obj === figure) speak();
else show();
