/** Drags in the month: an appointment to another day, or over empty days, which a press alone chooses too. */

const FAR_ENOUGH = 5;
/** Pixels from which a press is a drag. */
const LONG_PRESS = 1_000;

/**
 * @param {HTMLElement} node the month
 * @param {{onChoose: (stretch: {start: Date, end: Date, allDay: true, jsEvent: PointerEvent}) => void, onLeave: () => void,
 *   onMove: (ref: string, day: string) => void}} reader
 * @returns {() => void} what takes the marks of the chosen days away
 */
export function followDrags(node, { onChoose, onLeave, onMove }) {
  let press = null;
  const cellAt = ({ clientX, clientY }) => document.elementsFromPoint(clientX, clientY).map((one) => one.closest(".calendar-month td[data-day]")).find(Boolean);
  const cells = () => [...node.querySelectorAll("td[data-day]")];
  const mark = (from, to) => {
    for (const { classList, dataset } of cells()) classList.toggle("selection", dataset.day >= from && dataset.day <= to);
  };
  const unselect = () => mark("", "");

  function begin() {
    press.isArmed = true;
    if (press.event) press.event.classList.add("dragging");
    else follow(press.at);
  }

  function follow(pointer) {
    const over = cellAt(pointer)?.dataset.day ?? press.over;
    press.over = over;
    if (!press.event) return mark(...[press.day, over].sort());
    press.event.style.translate = `${pointer.clientX - press.at.clientX}px ${pointer.clientY - press.at.clientY}px`;
    mark(over, over);
  }

  function end() {
    clearTimeout(press?.timer);
    press?.event?.classList.remove("dragging");
    press?.event?.style.removeProperty("translate");
    press = null;
  }

  node.addEventListener("pointerdown", (pointer) => {
    const { target, button, pointerType } = pointer;
    const [cell, event] = [target.closest("td[data-day]"), target.closest("[data-movable]")];
    if (button || !pointer.isPrimary || !cell || (!event && target.closest("a, button"))) return;
    press = { at: pointer, day: cell.dataset.day, over: cell.dataset.day, event, isArmed: false };
    if (pointerType === "touch") press.timer = setTimeout(begin, LONG_PRESS);
    else if (!event) begin();
  });
  window.addEventListener("pointermove", (pointer) => {
    if (!press) return;
    const isFar = Math.hypot(pointer.clientX - press.at.clientX, pointer.clientY - press.at.clientY) > FAR_ENOUGH;
    // A finger that moves before it has rested scrolls the page.
    if (!press.isArmed && isFar) pointer.pointerType === "touch" ? end() : begin();
    if (press?.isArmed) follow(pointer);
  });
  window.addEventListener("pointerup", (pointer) => {
    if (!press) return;
    const { event, day, over, isArmed } = press;
    end();
    if (!isArmed) return;
    if (event) {
      unselect();
      // The press that ends a drag is no press on the appointment.
      const stop = (click) => {
        click.preventDefault();
        click.stopPropagation();
      };
      window.addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", stop, { capture: true }));
      if (over !== day) onMove(event.dataset.ref, over);
      return;
    }
    const [first, last] = [day, over].sort().map((one) => new Date(`${one}T00:00Z`));
    onChoose({ start: first, end: new Date(last.getTime() + 24 * 3600_000), allDay: true, jsEvent: pointer });
  });
  window.addEventListener("pointercancel", () => {
    if (press) unselect();
    end();
  });
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !press) return;
    unselect();
    end();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (target.closest("[data-calendar-offer]") || !node.querySelector("td.selection")) return;
    unselect();
    onLeave();
  }, { capture: true });
  // A link that is dragged as a link would take the pointer away; a finger that drags scrolls nothing.
  node.addEventListener("dragstart", (event) => event.preventDefault());
  node.addEventListener("touchmove", (event) => press?.isArmed && event.preventDefault(), { passive: false });
  // A finger that rests on a link would get its menu, and with it the pointer would be gone before the drag begins.
  node.addEventListener("contextmenu", (event) => {
    if (press?.isArmed || press?.at.pointerType === "touch") event.preventDefault();
  });
  return unselect;
}
