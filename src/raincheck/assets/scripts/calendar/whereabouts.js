/** Which days are shown, and how many: kept in the address for links and the way back, and remembered for this reader. */

const SPANS = ["day", "week", "work-week", "month"];
const NARROW = 600;

const param = (name) => new URL(location.href).searchParams.get(name);

/** @param {DOMStringMap} words the page's own: view, date, reader, and whether the date was asked for */
export function buildWhereabouts(words) {
  const key = `raincheck.calendar.${words.reader}`;

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return {};
    }
  }

  const isNarrow = () => innerWidth < NARROW;
  // What suits a wide screen suits no phone, so each has its own.
  const spanKey = () => (isNarrow() ? "narrow" : "wide");

  return {
    span() {
      const asked = param("span");
      if (SPANS.includes(asked)) return asked;
      const chosen = remembered()[spanKey()];
      if (SPANS.includes(chosen)) return chosen;
      return isNarrow() ? "day" : words.view;
    },
    /** The date is remembered for the rest of the day: the next morning begins with today. */
    date() {
      if (words.dateAsked) return param("date") ?? words.date;
      const { date, on } = remembered();
      return param("date") ?? (on === words.date && /^\d{4}-\d\d-\d\d$/.test(date) ? date : words.date);
    },
    /** @param {{step: boolean}} how a step of the reader's own is one that "back" leads back over */
    keep(span, date, { step }) {
      const url = new URL(location.href);
      url.searchParams.set("span", span);
      url.searchParams.set("date", date);
      if (url.href !== location.href) history[step ? "pushState" : "replaceState"](step ? null : history.state, "", url);
      if (!step) return;
      try {
        localStorage.setItem(key, JSON.stringify({ ...remembered(), [spanKey()]: span, date, on: words.today }));
      } catch {
        // A browser that keeps nothing begins with today.
      }
    },
  };
}
