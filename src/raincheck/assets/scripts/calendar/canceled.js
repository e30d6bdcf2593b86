/** Canceled appointments on demand: a button of the menu, remembered for this person. */

/** @param {HTMLButtonElement} button @param {string} reader whose choice it is @param {() => void} onChange */
export function buildCanceled(button, reader, onChange) {
  const key = `raincheck.calendar-canceled.${reader}`;
  const isOn = () => button.getAttribute("aria-pressed") === "true";
  try {
    button.setAttribute("aria-pressed", String(localStorage.getItem(key) === "1"));
  } catch {
    // A browser that keeps nothing begins without them.
  }
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!isOn()));
    try {
      localStorage.setItem(key, isOn() ? "1" : "0");
    } catch {
      // They are shown on this page all the same.
    }
    onChange();
  });
  return { isOn };
}
