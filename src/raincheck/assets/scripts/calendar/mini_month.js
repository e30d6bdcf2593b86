/** The small month: the days shown, today, and where somebody is asked; each day is a way there. */

const lang = document.documentElement.lang;
const title = new Intl.DateTimeFormat(lang, { month: "long", year: "numeric", timeZone: "UTC" });
const whole = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeZone: "UTC" });
const narrow = new Intl.DateTimeFormat(lang, { weekday: "narrow", timeZone: "UTC" });
const long = new Intl.DateTimeFormat(lang, { weekday: "long", timeZone: "UTC" });
const DAY = 24 * 3600_000;
const toDay = (date) => date.toISOString().slice(0, 10);
const monthOf = (date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));

function make(name, values = {}, ...within) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...within);
  return made;
}

/**
 * @param {HTMLElement[]} hosts where it stands: in the rail, and in the box of the toolbar on small screens
 * @param {{address: (day: string) => string, go: (day: string) => void}} ways
 */
export function buildMiniMonth(hosts, { address, go }) {
  let shown = { from: "", to: "", today: "", asked: new Set() };
  let month = null;

  function cell(date, words) {
    const day = toDay(date);
    const link = make("a", { href: address(day), textContent: String(date.getUTCDate()) });
    const asked = shown.asked.has(day);
    link.dataset.day = day;
    link.setAttribute("aria-label", [whole.format(date), ...(asked ? [words.asked] : [])].join(", "));
    if (day === shown.today) link.setAttribute("aria-current", "date");
    const names = [date.getUTCMonth() !== month.getUTCMonth() && "other", day >= shown.from && day < shown.to && "in", asked && "is-asked"];
    return make("td", { className: names.filter(Boolean).join(" ") }, link);
  }

  function step(by) {
    month = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + by, 1));
    draw();
  }

  function draw() {
    const first = new Date(month.getTime() - month.getUTCDay() * DAY);
    for (const host of hosts) {
      const words = host.dataset;
      const days = Array.from({ length: 42 }, (_, at) => new Date(first.getTime() + at * DAY));
      // A sixth week is drawn where the month reaches into it.
      const used = days[35].getUTCMonth() === month.getUTCMonth() ? 42 : 35;
      const heads = days.slice(0, 7).map((date) => make("th", { scope: "col", abbr: long.format(date), textContent: narrow.format(date) }));
      const rows = Array.from({ length: used / 7 }, (_, week) => make("tr", {}, ...days.slice(week * 7, week * 7 + 7).map((date) => cell(date, words))));
      const table = make("table", { className: "mini" }, make("caption", { textContent: title.format(month) }), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
      host.querySelector("table").replaceWith(table);
      host.querySelector("[data-mini-asked]").hidden = !host.querySelector("tbody .is-asked");
    }
  }

  for (const host of hosts) {
    host.hidden = false;
    host.addEventListener("click", (event) => {
      const turn = event.target.closest("button[data-mini-turn]");
      if (turn) step(Number(turn.dataset.miniTurn));
      const link = event.target.closest("a[data-day]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      go(link.dataset.day);
    });
  }

  return {
    /** @param {{from: string, to: string, today: string, at: Date}} days those the calendar shows, and the one it stands on */
    follow({ at, ...days }) {
      shown = { ...shown, ...days };
      month = monthOf(at);
      draw();
    },
    /** @param {string[]} asked days on which somebody is asked */
    mark(asked) {
      if (asked.length === shown.asked.size && asked.every((day) => shown.asked.has(day))) return;
      shown = { ...shown, asked: new Set(asked) };
      if (month) draw();
    },
  };
}
