/** What an empty stretch offers: links to a new appointment and to time off, with the stretch filled in. */

const MARGIN = 8;

/** Puts the box beside the pointer, inside the window. */
function place(box, { x, y }) {
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(MARGIN, Math.min(x, innerWidth - width - MARGIN))}px`;
  box.style.top = `${Math.max(MARGIN, Math.min(y, innerHeight - height - MARGIN))}px`;
}

/** @param {HTMLElement} box @param {() => void} onLeave called when the reader leaves it without choosing */
export function buildOffer(box, onLeave) {
  const hide = () => {
    box.hidden = true;
  };
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    hide();
    onLeave();
  });
  return {
    hide,
    /** @param {{start: string, end: string, words: string, at: {x: number, y: number}}} stretch wall times */
    show({ start, end, words, at }) {
      box.querySelector("[data-offer-words]").textContent = words;
      for (const link of box.querySelectorAll("a[data-offer]")) {
        const address = new URL(link.dataset.offer, location.href);
        address.searchParams.set("start", start);
        address.searchParams.set("end", end);
        link.href = address.pathname + address.search;
      }
      box.hidden = false;
      place(box, at);
      box.querySelector("a").focus({ preventScroll: true });
    },
  };
}
