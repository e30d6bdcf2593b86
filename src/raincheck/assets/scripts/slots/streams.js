/** The page hears that times have changed, and looks again: a slot that somebody took goes in place, and comes back. */

/** Seconds over which pages spread their look after an interruption, so that a server that was away is not asked by all at once. */
const BY_AND_BY = 20;

/** @param {HTMLFormElement} form its `data-times` is the address of the stream @param {() => void} look */
export function watchTimes(form, look) {
  if (!window.EventSource) return;
  let source;
  let waiting;
  const soon = (seconds) => {
    waiting ??= setTimeout(async () => {
      waiting = undefined;
      if (form.hasAttribute("data-sending")) return;
      await look();
      if (!source) listen();
    }, Math.random() * seconds * 1000);
  };
  function stop() {
    source?.close();
    source = undefined;
  }
  function listen() {
    if (!form.dataset.times || document.hidden) return;
    let opened = false;
    source = new EventSource(form.dataset.times);
    source.onopen = () => {
      if (opened) soon(BY_AND_BY); // it was interrupted: what was said meanwhile is lost
      opened = true;
    };
    source.onmessage = (event) => soon(Number(event.data));
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      stop();
      // The address has ended; the next look brings another. One that never opened is refused: the page works without.
      if (opened) soon(BY_AND_BY);
      else form.dataset.times = "";
    };
  }
  document.addEventListener("visibilitychange", () => {
    stop();
    if (document.hidden) return;
    soon(0);
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) soon(0);
  });
  listen();
}
