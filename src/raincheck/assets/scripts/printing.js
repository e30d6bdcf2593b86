/** Printing: a button opens the browser's own dialog. Without scripts the browser's menu does the same. */

export function watchPrinting() {
  for (const button of document.querySelectorAll("button[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
