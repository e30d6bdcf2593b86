/** Menus: a button that opens a list of links, worked by mouse, by arrow keys or by first letters. */

const items = (menu) => [...menu.querySelectorAll("[role=menuitem]")];
const menuOf = (button) => document.getElementById(button.getAttribute("aria-controls"));
const buttonOf = (menu) => document.querySelector(`[aria-haspopup=menu][aria-controls="${menu.id}"]`);

function open(button, focusOn = 0) {
  const menu = menuOf(button);
  menu.toggleAttribute("data-open", true);
  button.setAttribute("aria-expanded", "true");
  for (const item of items(menu)) item.tabIndex = -1;
  items(menu).at(focusOn)?.focus();
}

function close(menu, { returnFocus = false } = {}) {
  const button = buttonOf(menu);
  menu.toggleAttribute("data-open", false);
  button?.setAttribute("aria-expanded", "false");
  if (returnFocus) button?.focus();
}

function closeOthers(target) {
  for (const menu of document.querySelectorAll("[role=menu][data-open]")) {
    if (!menu.contains(target) && !buttonOf(menu)?.contains(target)) close(menu);
  }
}

function onClick(event) {
  const button = event.target.closest("[aria-haspopup=menu]");
  if (button) {
    if (button.getAttribute("aria-expanded") === "true") close(menuOf(button), { returnFocus: true });
    else open(button);
  }
  closeOthers(event.target);
}

/** Which item a key leads to, or undefined when the key is none of the menu's. */
function itemFor(key, list, current) {
  if (key === "ArrowDown") return list[(current + 1) % list.length];
  if (key === "ArrowUp") return list.at(current - 1);
  if (key === "Home") return list[0];
  if (key === "End") return list.at(-1);
  if (!/^\p{L}$/u.test(key)) return undefined;
  const later = [...list.slice(current + 1), ...list.slice(0, current + 1)];
  return later.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
}

function onKeyInMenu(event, menu) {
  if (event.key === "Escape") {
    // One Escape closes the menu only, not the sidebar it stands in.
    event.stopPropagation();
    close(menu, { returnFocus: true });
  } else if (event.key === "Tab") {
    close(menu);
  } else if (event.key === " ") {
    event.preventDefault();
    event.target.click();
  } else if (!event.ctrlKey && !event.metaKey && !event.altKey) {
    const list = items(menu);
    const item = itemFor(event.key, list, list.indexOf(document.activeElement));
    if (!item) return;
    event.preventDefault();
    item.focus();
  }
}

function onKey(event) {
  const menu = event.target.closest?.("[role=menu]");
  const button = event.target.closest?.("[aria-haspopup=menu]");
  if (menu) onKeyInMenu(event, menu);
  else if (button && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    open(button, event.key === "ArrowDown" ? 0 : -1);
  }
}

export function watchMenus() {
  document.addEventListener("click", onClick);
  document.body.addEventListener("keydown", onKey);
  document.addEventListener("focusin", (event) => closeOthers(event.target));
}
