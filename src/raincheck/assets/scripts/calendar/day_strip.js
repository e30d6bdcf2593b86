/** The days of the week above a phone's single day: each is a way there, and says where somebody is asked. */

const lang = document.documentElement.lang;
const month = new Intl.DateTimeFormat(lang, { month: "long", year: "numeric", timeZone: "UTC" });
const short = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
const DAY = 24 * 3600_000;
const toDay = (date) => date.toISOString().slice(0, 10);

/**
 * @param {HTMLElement} host @param {{address: (day: string) => string, go: (day: string) => void}} ways
 */
export function buildDayStrip(host, { address, go }) {
  let at = new Date(0);
  let today = "";
  let asked = new Set();

  function link(date) {
    const day = toDay(date);
    const made = document.createElement("a");
    made.href = address(day);
    made.dataset.day = day;
    if (day === toDay(at)) made.setAttribute("aria-current", "date");
    made.classList.toggle("today", day === today);
    made.classList.toggle("is-asked", asked.has(day));
    const number = document.createElement("b");
    number.textContent = String(date.getUTCDate());
    // Whoever speaks to the page says what stands there, so the rest follows it.
    const rest = document.createElement("span");
    rest.className = "visually-hidden";
    rest.textContent = [" ", month.format(date), ...(asked.has(day) ? [`, ${host.dataset.asked}`] : [])].join("");
    made.append(`${short.format(date)} `, number, rest);
    return made;
  }

  function draw() {
    const first = at.getTime() - at.getUTCDay() * DAY;
    host.replaceChildren(...Array.from({ length: 7 }, (_, number) => link(new Date(first + number * DAY))));
  }

  host.addEventListener("click", (event) => {
    const pressed = event.target.closest("a[data-day]");
    if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(pressed.dataset.day);
    host.querySelector("[aria-current]")?.focus({ preventScroll: true });
  });

  return {
    follow(day, present) {
      [at, today] = [day, present];
      draw();
    },
    mark(days) {
      if (days.length === asked.size && days.every((day) => asked.has(day))) return;
      asked = new Set(days);
      draw();
    },
  };
}
