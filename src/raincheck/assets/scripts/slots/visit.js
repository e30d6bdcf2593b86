/** What only the reader's browser knows: that a person has the page before them, and where they seem to be. */

const SEEN_AFTER = 2000;

/** Sends the hidden form once the page has been in view for two seconds in one go; mail scanners never get that far. */
export function reportOpened(form) {
  if (!form) return;
  let timer;
  const report = () => {
    document.removeEventListener("visibilitychange", watch);
    // What the server does not hear is counted with the next thing the client does.
    fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", keepalive: true }).catch(() => {});
  };
  const watch = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(report, SEEN_AFTER);
  };
  document.addEventListener("visibilitychange", watch);
  watch();
}

/** The browser's own spelling of a zone, so that two names of one place do not look like two places. */
function canonical(zone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return zone;
  }
}

/** Whoever kept the page's zone on this device, beside the zone it is in, is not asked again. */
const KEPT = "raincheck.zone";
const answered = (pair) => {
  try {
    return localStorage.getItem(KEPT) === pair;
  } catch {
    return false;
  }
};
const remember = (pair) => {
  try {
    localStorage.setItem(KEPT, pair);
  } catch {
    // Storage may be switched off: then the question comes again.
  }
};

/** Shows "Your device uses London time. Show that?" when the browser's zone is another than the page's. */
export function offerZone(form) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // A browser that hides its place says UTC: nobody is offered that.
  if (!form || !here?.includes("/") || here.startsWith("Etc/") || canonical(form.dataset.zone) === canonical(here)) return;
  const pair = `${form.dataset.zone} ${here}`;
  if (answered(pair)) return;
  const city = here.split("/").at(-1).replaceAll("_", " ");
  form.querySelector("input[name=zone]").value = here;
  for (const element of form.querySelectorAll("[data-words]")) {
    element.textContent = element.dataset.words.replaceAll("{city}", city);
  }
  form.querySelector("[data-keep]")?.addEventListener("click", () => {
    form.hidden = true;
    remember(pair);
  });
  form.hidden = false;
}
