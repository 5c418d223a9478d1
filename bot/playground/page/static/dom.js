// Builds the page's elements. Everything foreign goes in as text, never as markup.

/** Return an element: `el("button.primary", {type: "button", onclick}, "Send", child)`. */
export function el(what, props = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.includes("-") && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * Make `parent` hold one node an item, in order, and build only what is new or looks different than before:
 * focus, selection and open menus in the other nodes survive, and a menu that is open stays open in what is built anew.
 */
export function keyed(parent, items, { key, looks, build }) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const after = items.map((item) => {
    const name = key(item);
    const look = looks(item);
    const kept = before.get(name);
    if (kept && kept.look === look) return kept;
    const node = build(item);
    node.dataset.key = name;
    node.look = look;
    if (kept) reopen(kept, node);
    return node;
  });
  const stays = new Set(after);
  for (const node of [...parent.children]) if (!stays.has(node)) node.remove();
  after.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

/** A card that changes does not shut the menu under somebody's pointer. */
function reopen(before, after) {
  const menus = after.querySelectorAll("details.menu");
  before.querySelectorAll("details.menu").forEach((menu, place) => {
    if (menu.open && menus[place]?.className === menu.className) menus[place].open = true;
  });
}

/** Close the open menus, all but the one that holds `inside`. */
export function closeMenus(inside = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!inside || !menu.contains(inside)) menu.open = false;
  }
}
