/** Arriving on a page: the heading takes the focus, and what was just done is announced over the page, never in its way. */

/** Whoever came by a link or a form of ours reads on at the heading; whoever comes from elsewhere begins at the top. */
export function focusHeading() {
  const [entry] = performance.getEntriesByType("navigation");
  const isStep = entry?.type === "navigate" && document.referrer && new URL(document.referrer).origin === location.origin;
  const heading = document.querySelector("main h1");
  // A field or a list of problems that took the focus, or is about to, keeps it.
  const isTaken = document.activeElement !== document.body || document.querySelector("[autofocus]");
  if (!isStep || !heading || location.hash || isTaken) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** A region that is there before its words is read aloud; words that came with the page are not. */
function announce() {
  const status = document.getElementById("status");
  const list = document.querySelector(".messages:not(:has(.error, .warning))");
  if (!status || !list?.childElementCount) return;
  setTimeout(() => {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn quiet small";
    close.textContent = status.dataset.close;
    close.addEventListener("click", () => list.remove());
    list.lastElementChild.append(close);
    status.append(list);
    // There is a minute to undo: nobody has to tab through all of a calendar to get to the button.
    const undo = list.querySelector("[data-undo]");
    if (!undo || !document.activeElement?.matches("body, main h1")) return;
    undo.tabIndex = -1;
    undo.focus({ preventScroll: true });
  }, 100);
}

export function watchArrival() {
  focusHeading();
  announce();
}
