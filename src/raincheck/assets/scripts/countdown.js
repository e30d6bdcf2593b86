/** The time left, kept fresh from the seconds the server counted; the reader's own clock is never asked. */

const REFRESH = 10_000;

/** @param {HTMLElement} element @param {number} left seconds */
function words(element, left) {
  const { hour, hours, minute, minutes, over } = element.dataset;
  if (left <= 0) return over;
  const whole = left >= 3600 ? Math.floor(left / 3600) : Math.max(1, Math.floor(left / 60));
  const [one, many] = left >= 3600 ? [hour, hours] : [minute, minutes];
  return whole === 1 ? one : many.replace("{n}", String(whole));
}

export function watchCountdowns() {
  const countdowns = [...document.querySelectorAll("[data-countdown]")];
  if (!countdowns.length) return;
  const started = performance.now();
  const refresh = () => {
    const passed = (performance.now() - started) / 1000;
    for (const element of countdowns) {
      const text = words(element, Number(element.dataset.countdown) - passed);
      if (element.textContent !== text) element.textContent = text;
    }
  };
  setInterval(refresh, REFRESH);
  document.addEventListener("visibilitychange", refresh);
}
