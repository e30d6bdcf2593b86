/** The time left, kept fresh from the seconds the server counted; the reader's own clock is never asked. */

const REFRESH = 10_000;

// From six days on the server counts in days, and a page is not open that long.
const IN_DAYS = 6 * 24 * 3600;

/** The same rounding as the server's: whole hours, in the last hour minutes, always down. */
function words(element, left) {
  const { hour, hours, minute, minutes, moment, over } = element.dataset;
  if (left >= IN_DAYS) return element.textContent;
  if (left < 60) return left > 0 ? moment : over;
  const whole = Math.floor(left / (left >= 3600 ? 3600 : 60));
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
