/** The ask form: shows, while it is filled in, the note and the appointments that the client will read. */

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** `data-count-for="note"`: how many characters are left; read out only when few are. */
function showCount(element) {
  const field = document.getElementById(element.dataset.countFor);
  const show = () => {
    const left = field.maxLength - field.value.length;
    element.textContent = fill(element.dataset.words, { n: left, max: field.maxLength });
    element.setAttribute("aria-live", left <= 50 ? "polite" : "off");
  };
  field.addEventListener("input", show);
  show();
}

/** `data-needs="block"`: stands there only while that box is ticked. */
function showWhileTicked(element) {
  const box = document.getElementById(element.dataset.needs);
  const show = () => {
    element.hidden = !box.checked;
  };
  box.addEventListener("change", show);
  show();
}

/** `data-unticks="block"`: what is offered by video is not blocked; ticking the box in this part unticks that one. */
function untick(element) {
  const other = document.getElementById(element.dataset.unticks);
  element.querySelector("input").addEventListener("change", (event) => {
    if (!event.target.checked || !other.checked) return;
    other.checked = false;
    other.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** `data-mirrors="note"`: the words of a field as the client will see them; hidden while it is empty. */
function mirror(element) {
  const field = document.getElementById(element.dataset.mirrors);
  const show = () => {
    const text = field.value.trim();
    element.textContent = text && fill(element.dataset.words ?? "{text}", { text });
    element.hidden = !text;
  };
  field.addEventListener("input", show);
  show();
}

/** `data-lists="appointment"`: the ticked boxes of that name, each by its `data-words`, joined as a sentence would. */
function listTicked(element) {
  const boxes = [...document.querySelectorAll(`input[name="${CSS.escape(element.dataset.lists)}"]`)];
  const joined = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
  const show = () => {
    element.textContent = joined.format(boxes.filter((box) => box.checked).map((box) => box.dataset.words));
  };
  for (const box of boxes) box.addEventListener("change", show);
  show();
}

/** `data-ticks-until="appointment"`: a day in this part ticks the boxes of that name whose `data-day` is not after it. */
function tickUntil(element) {
  element.querySelector("input").addEventListener("change", (event) => {
    const last = event.target.value;
    if (!last) return;
    for (const box of document.querySelectorAll(`input[name="${CSS.escape(element.dataset.ticksUntil)}"]`)) {
      if (box.disabled || box.checked || box.dataset.day > last) continue;
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

const parts = { "count-for": showCount, needs: showWhileTicked, mirrors: mirror, lists: listTicked, "ticks-until": tickUntil, unticks: untick };
for (const [name, start] of Object.entries(parts)) {
  for (const element of document.querySelectorAll(`[data-${name}]`)) start(element);
}
