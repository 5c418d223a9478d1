// The right side: what the company holds, the mail, and the ledger; rows flash when they change and fade when they go.
import { change } from "./api.js";
import { caseInView } from "./cases.js";
import { el } from "./dom.js";
import { addressOf, nameOf, roleOf, store, update } from "./store.js";
import { clock } from "./text.js";

const FLASH = 2600;
// What is worth reading of the sample shop's tables; others show all their columns.
const COLUMNS = {
  customers: ["full_name", "email", "status", "city"],
  addresses: ["line", "city"],
  orders: ["ship_name", "email", "ship_address"],
  order_items: ["plant", "quantity"],
  invoices: ["number", "billed_to", "issued_at"],
  tickets: ["requester_email", "subject"],
  sessions: ["ip", "started_at"],
  consents: ["topic", "given_at"],
  audit_log: ["action", "payload"],
};
const CONTACT = ["email", "firstName", "lastName"];

// Rows by table as they were last seen, and since when a row is marked as changed or gone.
let seen = null;
let isQuiet = false;
const marks = new Map();
let timer = null;

/** Compare the company with what was seen before, and remember what changed. */
export function noteChanges() {
  const now = flat();
  if (seen && !isQuiet) {
    for (const [key, row] of now) {
      const before = seen.get(key);
      if (!before) mark(key, { kind: "new", row });
      else if (before.text !== row.text) mark(key, { kind: "changed", row, cells: differing(before.row, row.row) });
    }
    for (const [key, row] of seen) if (!now.has(key)) mark(key, { kind: "gone", row });
  }
  seen = now;
}

/** While everything begins anew, nothing has "changed". */
export function beQuiet(now) {
  isQuiet = now;
  marks.clear();
}

function mark(key, what) {
  marks.set(key, { ...what, at: Date.now() });
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const [one, { at }] of marks) if (Date.now() - at >= FLASH) marks.delete(one);
    drawWorld();
  }, FLASH + 50);
}

const differing = (before, after) => new Set(Object.keys(after).filter((name) => before[name] !== after[name]));

/** Every row of every place as one map: "table/key" → {table, key, row, text, owner}. */
function flat() {
  const rows = new Map();
  const add = (table, key, row, owner) => rows.set(`${table}/${key}`, { table, key, row, owner, text: JSON.stringify(row) });
  for (const { name, rows: held } of store.company.tables) {
    for (const { key, row } of held) add(name, key, row, store.company.owners[name]?.[key] ?? "");
  }
  for (const one of store.company.contacts) add("live", one.id, one, one.email.toLowerCase());
  for (const one of store.company.archived) add("archived", one.id, one, one.email.toLowerCase());
  return rows;
}

/** Whose records are shown: an address, or "" for everybody's. */
function focus() {
  if (store.focus !== "auto") return store.focus;
  return addressOf(caseInView()?.customer) || addressOf(store.me) || addressOf("U_MAYA");
}

/** Draw the right side. */
export function drawWorld() {
  if (!store.company || !store.mail) return;
  drawHead();
  const body = document.getElementById("world-body");
  const tab = store.tab;
  const look = JSON.stringify([tab, store.me, focus(), store.focus, tab === "records" ? [...marks.keys(), [...seen.values()].map((one) => one.text)] : tab === "mail" ? store.mail.letters : store.ledger]);
  if (body.look === look) return;
  const isOther = body.dataset.tab !== tab;
  body.look = look;
  body.dataset.tab = tab;
  body.replaceChildren(...{ records, mail, ledger }[tab]());
  if (isOther) body.scrollTop = 0;
}

function drawHead() {
  const head = document.getElementById("world-head");
  const tabs = [
    ["records", "Records"],
    ["mail", `Mail (${store.mail.letters.length})`],
    ["ledger", `Ledger (${store.ledger?.entries.length ?? 0})`],
  ];
  const look = JSON.stringify([tabs, store.tab]);
  if (head.look === look) return;
  const focused = document.activeElement?.id;
  head.look = look;
  head.replaceChildren(
    ...tabs.map(([name, label]) => el("button.tab", { type: "button", id: `tab-${name}`, "aria-pressed": String(store.tab === name), onclick: () => update({ tab: name }) }, label)));
  if (focused) document.getElementById(focused)?.focus();
}

function records() {
  const whose = focus();
  const people = [["auto", `${personOf(whose)} (in view)`], ["", "everybody"], ...store.company.people.map((one) => [one.email, `${one.name} (${one.email})`])];
  const rows = [...seen.values(), ...[...marks.values()].filter((one) => one.kind === "gone").map((one) => one.row)];
  const shown = rows.filter((one) => !whose || one.owner === whose);
  const of = (table) => shown.filter((one) => one.table === table);
  return [
    el("div.whose", {},
      el("label", { htmlFor: "focus" }, "Held about"),
      el("select", { id: "focus", onchange: (event) => update({ focus: event.target.value }) },
        people.map(([value, label]) => el("option", { value, selected: value === store.focus }, label)))),
    el("h2", {}, "ActiveCampaign"),
    table("live", "Contacts", of("live"), CONTACT),
    table("archived", "Archived copies", of("archived"), CONTACT),
    el("h2", {}, "Shop database"),
    ...inOrder().map((name) => table(name, name.replaceAll("_", " "), of(name), COLUMNS[name])),
  ];
}

const personOf = (email) => store.company.people.find((one) => one.email === email)?.name ?? email;

/** The customer first, then what hangs on them; tables that this page does not know come last. */
function inOrder() {
  const names = store.company.tables.map((one) => one.name);
  const known = Object.keys(COLUMNS).filter((one) => names.includes(one));
  return [...known, ...names.filter((one) => !known.includes(one))];
}

function table(name, title, rows, wanted) {
  const alive = rows.filter((one) => seen.has(`${name}/${one.key}`));
  const columns = wanted ?? Object.keys(rows[0]?.row ?? {});
  return el("section.table", { "data-table": name, "data-rows": String(alive.length) },
    el("h3", {}, title, el("span.count", {}, alive.length ? String(alive.length) : "none")),
    rows.length > 0 && el("div.scroll", {}, el("table", { "aria-label": title },
      el("thead", {}, el("tr", {}, columns.map((one) => el("th", { scope: "col" }, one.replaceAll("_", " "))))),
      el("tbody", {}, rows.map((one) => line(one, columns))))));
}

function line(one, columns) {
  const found = marks.get(`${one.table}/${one.key}`);
  const row = el("tr", { className: found?.kind ?? "" }, columns.map((name) => {
    const value = one.row[name];
    const isEmpty = value === null || value === undefined || value === "";
    return el("td", { className: `${found?.cells?.has(name) ? "flash" : ""}${isEmpty ? " empty" : ""}`.trim(), title: isEmpty ? "empty" : String(value) }, isEmpty ? "–" : String(value));
  }));
  // Drawn again half-way, the fading goes on from where it was.
  if (found) row.style.setProperty("--since", `${found.at - Date.now()}ms`);
  return row;
}

function mail() {
  const isStaff = !["customer", "outsider"].includes(roleOf(store.me));
  const own = isStaff ? store.mail.support : addressOf(store.me);
  const others = store.company.people.map((one) => one.email);
  const senders = [own, ...others.filter((one) => one !== own), isStaff ? null : store.mail.support].filter(Boolean);
  const letters = [...store.mail.letters].reverse();
  const customer = addressOf(caseInView()?.customer);
  const to = isStaff ? customer : store.mail.support;
  return [
    letterForm(senders, [store.mail.support, ...others], to),
    el("h2", {}, "Letters"),
    letters.length === 0 && el("p.muted", {}, "No letters yet. What an agent sends by hand, and what a customer answers, appears here."),
    ...letters.map((one) => el("article.letter", {},
      el("p.byline", {}, el("strong", {}, one.sender), " to ", el("strong", {}, one.to), " ", el("time", {}, clock(one.at))),
      el("p.letter-text", {}, linked(one.text)))),
  ].filter(Boolean);
}

// The customer's personal link leads to the app's own page on this machine; no other address is opened from here.
function linked(text) {
  return text.split(/(http:\/\/127\.0\.0\.1:\d+\/c\/[\w.-]+)/).map((part, place) =>
    place % 2 ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
}

function letterForm(senders, receivers, to) {
  const from = el("select", { id: "mail-from", name: "from" }, senders.map((one) => el("option", { value: one }, one)));
  const goesTo = el("select", { id: "mail-to", name: "to" }, receivers.map((one) => el("option", { value: one, selected: one === to }, one)));
  const text = el("textarea", { id: "mail-text", rows: 4, required: true });
  return el("form.letter-form", {
    onsubmit: async (event) => {
      event.preventDefault();
      if (await change("mailbox", { sender: from.value, to: goesTo.value, text: text.value }, "Sent.")) text.value = "";
    },
  },
    el("h2", {}, "Write an e-mail"),
    el("label", { htmlFor: "mail-from" }, "From"), from,
    el("label", { htmlFor: "mail-to" }, "To"), goesTo,
    el("label", { htmlFor: "mail-text" }, "Text"), text,
    el("button", { type: "submit" }, "Send the e-mail"));
}

function ledger() {
  const { entries, flaws } = store.ledger ?? { entries: [], flaws: [] };
  const who = (id) => (id === "deletion-desk" ? "the desk" : nameOf(id));
  return [
    el("p", { className: flaws.length ? "verdict wrong" : "verdict" }, flaws.length ? `The chain does not verify: ${flaws.join("; ")}` : entries.length ? `The chain of ${entries.length} entries verifies. It holds no personal data.` : "Nothing was recorded yet."),
    el("ol.ledger", {}, entries.toReversed().map((one) => el("li", {},
      el("span.seq", {}, String(one.seq)),
      el("div", {},
        el("p", {}, el("strong", {}, one.action.replaceAll("_", " ")), ` · ${one.case} · ${who(one.actor)} · `, el("time", {}, clock(one.at))),
        one.after && one.after !== one.before && el("p.moved", {}, one.before ? `${words(one.before)} → ${words(one.after)}` : words(one.after)),
        one.facts.length > 0 && el("p.facts", {}, one.facts.map(([name, value]) => `${words(name)}: ${/^[0-9a-f]{24,}$/.test(value) ? `${value.slice(0, 12)}…` : value}`).join(" · "))),
      el("code", { title: "how the entry's hash begins" }, one.hash)))),
  ];
}

const words = (name) => name.replaceAll("_", " ");
