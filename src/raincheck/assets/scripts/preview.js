/** The preview of open times: an empty time says which rule takes it, whether it is pointed at, tapped or reached by the arrow keys. */

import { watchHours } from "./hours.js";

const root = () => document.getElementById("open-times-preview");
const chips = (within = root()) => [...(within?.querySelectorAll("button.time") ?? [])];
const chipAt = (event) => event.target.closest?.("#open-times-preview button.time");
const reasonOf = (chip) => document.getElementById(chip.getAttribute("aria-describedby")).textContent;

function hide() {
  for (const line of root()?.querySelectorAll("[data-why]:not([hidden])") ?? []) line.hidden = true;
  for (const chip of chips()) chip.removeAttribute("data-told");
}

/** Writes beneath the chip's day what takes it. The reader's software reads the same words as the chip's description. */
function tell(chip) {
  hide();
  const line = chip.closest("[data-day]").querySelector("[data-why]");
  const time = chip.firstChild.textContent.trim();
  line.firstElementChild.textContent = root().dataset.words.replace("{time}", time).replace("{why}", () => reasonOf(chip));
  line.hidden = false;
  chip.toggleAttribute("data-told", true);
}

/** Tab stops at one chip only; the arrows lead to the others. */
function rove(chip) {
  for (const other of chips()) other.tabIndex = other === chip ? 0 : -1;
}

const middle = (chip) => {
  const box = chip.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};

/** The nearest chip of the next line up or down, as the eye would go. */
function beside(chip, direction) {
  const here = middle(chip);
  const ahead = chips().filter((other) => (middle(other).y - here.y) * direction > 1);
  const distance = (other) => Math.abs(middle(other).y - here.y) * 100 + Math.abs(middle(other).x - here.x);
  return ahead.sort((one, other) => distance(one) - distance(other))[0];
}

function reached(chip, key) {
  const all = chips();
  const ofDay = chips(chip.closest("[data-day]"));
  const ways = {
    ArrowRight: () => all[all.indexOf(chip) + 1],
    ArrowLeft: () => all[all.indexOf(chip) - 1],
    ArrowDown: () => beside(chip, 1),
    ArrowUp: () => beside(chip, -1),
    Home: () => ofDay[0],
    End: () => ofDay.at(-1),
  };
  return ways[key]?.();
}

function onKey(event) {
  if (event.key === "Escape") hide();
  const chip = chipAt(event);
  if (!chip || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = reached(chip, event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function onFocus(event) {
  const chip = chipAt(event);
  if (!chip) return hide();
  rove(chip);
  tell(chip);
}

/** The line stays while the pointer is over its day, so that it can be read and marked; then it gives way. */
function onLeave(event) {
  const day = event.target.closest?.("#open-times-preview [data-day]");
  if (!day || day.contains(event.relatedTarget)) return;
  const focused = document.activeElement?.closest("#open-times-preview button.time");
  if (focused?.matches(":focus-visible")) tell(focused);
  else hide();
}

function onPoint(event) {
  const chip = event.pointerType === "touch" ? null : chipAt(event);
  if (chip) tell(chip);
}

function onPress(event) {
  const chip = chipAt(event);
  if (chip) {
    rove(chip);
    tell(chip);
  } else if (!event.target.closest?.("#open-times-preview [data-why]")) hide();
}

function begin() {
  const focused = document.activeElement?.closest("#open-times-preview button.time");
  const first = focused ?? chips()[0];
  if (first) rove(first);
  if (focused) tell(focused);
}

/** Says the new count aloud once, and not on every key. */
function announce() {
  const told = document.getElementById("preview-told");
  const unread = document.querySelector("#preview-unread:not([hidden])");
  const words = (unread ?? root()?.querySelector("[data-count]"))?.textContent ?? "";
  if (told && told.textContent !== words) told.textContent = words;
}

const weeks = () => root()?.querySelector("[name=preview-from]")?.value;
const list = () => root()?.querySelector(".preview-days");
let before = {};

/** Typing must not turn the list back to its first day, nor a button that is there no more lose the focus. */
function keepPlace() {
  before = { weeks: weeks(), top: list()?.scrollTop ?? 0, focused: root().contains(document.activeElement) };
}

function returnToPlace() {
  if (list() && before.weeks === weeks()) list().scrollTop = before.top;
  if (before.focused && !root().contains(document.activeElement)) document.getElementById("open-times").focus();
}

const isPreview = (event) => event.detail.target?.id === "open-times-preview" || event.target.id === "open-times-preview";

document.addEventListener("pointerover", onPoint);
document.addEventListener("pointerout", onLeave);
document.addEventListener("focusin", onFocus);
document.addEventListener("click", onPress);
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:beforeSwap", (event) => isPreview(event) && keepPlace());
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.target.closest?.("#open-times-preview")) return;
  if (isPreview(event)) returnToPlace();
  begin();
  announce();
});
begin();
watchHours();
