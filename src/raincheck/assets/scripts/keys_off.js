/** Whether single keys act: not while somebody writes or chooses, and not on a device whose reader wants none. */

const OFF = "raincheck.calendar-keys-off";
export const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable], [role=menu], dialog, details[open]";

export function keysAreOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

export function turnKeys(on) {
  try {
    localStorage.setItem(OFF, on ? "0" : "1");
  } catch {
    // Where nothing is kept, the keys are on again with the next page.
  }
}

/** Whether a key is meant for what has the focus, or for a box that is open, and for nothing else. */
export const isTakenElsewhere = (event) =>
  event.defaultPrevented ||
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  Boolean(event.target.closest?.(TYPING)) ||
  Boolean(document.querySelector("dialog[open], [role=menu][data-open]"));
