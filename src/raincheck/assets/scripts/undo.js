/** The time to undo, counted down where a button offers it; once it is over, the button goes. The server decides either way. */

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** @param {HTMLElement} offer holds the words and the button; says in `data-undo` for how many seconds more */
function countDown(offer) {
  const over = performance.now() + Number(offer.dataset.undo) * 1000;
  const words = offer.querySelector("[data-undo-left]");
  const tick = setInterval(() => {
    const left = Math.ceil((over - performance.now()) / 1000);
    if (left > 0 && offer.isConnected) {
      words.textContent = words.dataset.undoLeft.replace("{left}", clock(left));
      return;
    }
    clearInterval(tick);
    const stands = offer.contains(document.activeElement);
    const message = offer.closest(".messages") !== null;
    const rest = message ? offer : offer.parentElement?.closest("[tabindex]");
    // A message goes on saying what was done; a note that nothing was sent has nothing more to say.
    for (const over of message ? [words, offer.querySelector("form.undo")] : [offer]) over.remove();
    if (stands && rest) focusOn(rest);
  }, 1000);
}

/** So that the next Tab leads on from there, and not from the top of the page. */
function focusOn(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus();
}

export function watchUndo() {
  const begin = (within) => within.querySelectorAll("[data-undo]").forEach(countDown);
  begin(document);
  // The drawer of an appointment comes and goes within its page.
  document.addEventListener("htmx:load", ({ target }) => target !== document.body && begin(target));
}
