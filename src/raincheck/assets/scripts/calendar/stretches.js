/** What the calendar knows of the weeks it shows: asked for once, then followed while somebody looks at them. */

import { ask, weeksAround } from "./feed.js";

const EVERY = 5_000;
const AT_MOST = 60_000;
const PATIENCE = 10_000;

/**
 * @param {string} address the feed @param {() => object} extra what else to ask for, by name
 * @param {object | null} first the week that came with the page
 * @param {{isBusy: () => boolean, onNews: () => void, onStale: (stale: boolean) => void}} reader is busy while a drag or an
 *   open box would be disturbed; hears of news, and whether what is shown may be older than it should be
 */
export function followStretches(address, extra, first, { isBusy, onNews, onStale }) {
  let known = first;
  let wanted = null;
  let misses = 0;
  let timer = 0;
  let looking = false;

  const covers = ({ from, to }) => Boolean(known) && known.from <= from && known.to >= to;

  async function look() {
    const before = known;
    if (document.hidden || !before || isBusy()) return;
    try {
      const { from, to, version } = before;
      const answer = await ask(address, { from, to, ...extra() }, { known: version, within: PATIENCE });
      misses = 0;
      onStale(false);
      // Meanwhile the reader may have gone on to other days, or have begun to drag.
      if (!answer || known !== before || isBusy()) return;
      known = { ...answer, from, to };
      onNews();
    } catch {
      misses += 1;
      if (misses > 1) onStale(true);
    }
  }

  async function again() {
    if (looking) return;
    clearTimeout(timer);
    looking = true;
    await look();
    looking = false;
    timer = setTimeout(again, Math.min(EVERY * 2 ** misses, AT_MOST));
  }

  timer = setTimeout(again, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || again());
  window.addEventListener("online", again);

  return {
    /** What is asked for has changed: nothing of it is known yet. */
    forget() {
      known = null;
    },
    /** Whether these days can be shown without asking. */
    has: (days) => covers(weeksAround(days)),
    /** @returns {Promise<{now: string, events: object[], open: object[], from: string, to: string}>} the weeks around the days */
    async load(days) {
      const stretch = weeksAround(days);
      wanted = stretch;
      if (covers(stretch)) return known;
      const answer = { ...(await ask(address, { ...stretch, ...extra() })), ...stretch };
      if (wanted === stretch) known = answer;
      return answer;
    },
  };
}
