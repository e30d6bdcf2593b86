/** The search box: opened by its button or by a slash, walked by arrows. */

import { isTakenElsewhere, keysAreOff } from "./keys_off.js";

export function watchSearch() {
  const box = document.querySelector("[data-search]");
  if (!box) return;
  const words = box.querySelector("input[type=search]");
  const open = () => {
    box.showModal();
    words.select();
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-find]") || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || isTakenElsewhere(event) || keysAreOff()) return;
    event.preventDefault();
    open();
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [words, ...box.querySelectorAll(".found a")];
    event.preventDefault();
    stops[Math.max(0, Math.min(stops.indexOf(document.activeElement) + step, stops.length - 1))].focus();
  });
}
