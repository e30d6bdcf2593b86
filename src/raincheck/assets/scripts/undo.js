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
    words.remove();
    const form = offer.querySelector("form.undo");
    // Whoever stands on the button goes on from the message, not from the top of the page.
    if (form.contains(document.activeElement)) {
      offer.tabIndex = -1;
      offer.focus();
    }
    form.remove();
  }, 1000);
}

export function watchUndo() {
  const begin = (within) => within.querySelectorAll("[data-undo]").forEach(countDown);
  begin(document);
  // The drawer of an appointment comes and goes within its page.
  document.addEventListener("htmx:load", ({ target }) => target !== document.body && begin(target));
}
