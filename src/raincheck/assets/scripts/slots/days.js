/** Days as tabs: without a script every day is listed; with it, one day shows and the rest are a press away. */

// On a phone the weekday stands above the number, so a tab needs half the room.
const PHONE = 320;
const tabWidth = (room) => (room < PHONE ? 48 : 92);
const FEW_DAYS = 2;
let built = 0;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function tabFor(group, id) {
  const tab = element("button", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id }, group.dataset.day);
  if (group.dataset.usual) tab.append(element("span", { class: "usual" }, group.dataset.usual));
  group.id = id;
  group.setAttribute("role", "tabpanel");
  group.setAttribute("aria-labelledby", `${id}-tab`);
  return tab;
}

const arrow = (name, direction) => {
  const path = direction < 0 ? "m14.5 6-6 6 6 6" : "m9.5 6 6 6-6 6";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstChild.setAttribute("d", path);
  return element("button", { type: "button", class: "btn square", "aria-label": name }, svg);
};

/** @param {HTMLElement} container holds `.day-group[data-day]` in order; `data-previous`, `data-next`, `data-tabs` are its words */
export function buildDayTabs(container) {
  const groups = [...container.querySelectorAll(":scope > [data-day]")];
  if (groups.length <= FEW_DAYS) return;
  const name = `days-${(built += 1)}`;
  const tabs = groups.map((group, index) => tabFor(group, `${name}-${index}`));
  const list = element("div", { class: "seg", role: "tablist", "aria-label": container.dataset.tabs }, ...tabs);
  const [previous, next] = [arrow(container.dataset.previous, -1), arrow(container.dataset.next, 1)];
  container.prepend(element("div", { class: "day-tabs" }, previous, list, next));
  container.setAttribute("data-built", "");

  const chosen = groups.findIndex((group) => group.querySelector("input:checked"));
  const near = groups.findIndex((group) => group.hasAttribute("data-near"));
  let current = Math.max(0, chosen < 0 ? near : chosen);
  const fitting = () => Math.max(2, Math.floor(list.clientWidth / tabWidth(list.clientWidth)));
  let size = fitting();

  function draw() {
    const first = Math.floor(current / size) * size;
    tabs.forEach((tab, index) => {
      tab.hidden = index < first || index >= first + size;
      tab.setAttribute("aria-selected", String(index === current));
      tab.tabIndex = index === current ? 0 : -1;
      groups[index].hidden = index !== current;
    });
    previous.disabled = first === 0;
    next.disabled = first + size >= groups.length;
  }
  function choose(index, { focus = false } = {}) {
    current = Math.max(0, Math.min(groups.length - 1, index));
    draw();
    if (focus) tabs[current].focus();
  }
  const page = () => Math.floor(current / size);

  // All times of a form are one group of radio buttons, so the Tab key would pass the day's by: a key on the tab leads in.
  const enter = () => groups[current].querySelector("input")?.focus();

  tabs.forEach((tab, index) =>
    tab.addEventListener("click", (event) => {
      choose(index);
      if (event.detail === 0) enter();
    }),
  );
  previous.addEventListener("click", () => choose((page() - 1) * size));
  next.addEventListener("click", () => choose((page() + 1) * size));
  list.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      enter();
    }
    const to = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: groups.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to, { focus: true });
  });
  new ResizeObserver(() => {
    if (fitting() === size) return;
    size = fitting();
    draw();
  }).observe(list);
  draw();
}
