/** The day on paper: a list with place and phone instead of columns, filled whenever the days on screen change. */

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });
const instant = (text) => new Date(`${text.length === 10 ? `${text}T00:00` : text}Z`);

/** The words of an event without its time of day: on paper that stands in a column of its own. */
const withoutTime = (detail) => detail.replace(/^\d+:\d\d · /, "");

/** @param {HTMLElement} list @param {string} title the day in words @param {object[]} events of that day, as the feed answers them */
export function fillDayList(list, title, events) {
  list.querySelector("h2").textContent = title;
  const inOrder = [...events].sort((one, other) => (one.start < other.start ? -1 : 1));
  const rows = inOrder.map((event) => {
    const row = document.createElement("tr");
    const time = event.all_day ? "" : clock.formatRange(instant(event.start), instant(event.end));
    for (const words of [time, event.title, withoutTime(event.detail), event.place, event.phone]) {
      row.insertCell().textContent = words;
    }
    return row;
  });
  list.querySelector("tbody").replaceChildren(...rows);
  list.querySelector("table").hidden = rows.length === 0;
  list.querySelector("p").hidden = rows.length > 0;
}
