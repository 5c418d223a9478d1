// Starts the page: follows the world, and draws what has changed.
import { act, change, follow, say } from "./api.js";
import { drawChannel, write } from "./channel.js";
import { allCases } from "./cases.js";
import { closeMenus, el } from "./dom.js";
import { drawHint } from "./guide.js";
import { drawModal } from "./modals.js";
import { SUPPORT, become, firstName, forget, isReply, messagesOf, nameOf, onChange, roleOf, store, update } from "./store.js";
import { TICKETS } from "./tickets.js";
import { beQuiet, drawWorld, noteChanges } from "./world.js";

const byId = (id) => document.getElementById(id);
const ORDER = ["U_MAYA", "U_JONAS", "U_ANA", "U_BEN", "U_LEA", "U_TOM", "U_OLGA", "U_OTTO"];
const TITLES = { operator: "workspace admin" };
let heard = null;
let known = new Set();
let isResetting = false;

onChange((changes) => {
  if (!store.slack || !store.company || !store.mail) return;
  // Who presses a starter before the world has arrived would write as nobody.
  for (const starter of document.querySelectorAll("[data-say]:disabled")) starter.disabled = false;
  if (changes.company) noteChanges();
  if (changes.slack && !isResetting) listen();
  drawPeople();
  drawFaults();
  drawChannel();
  drawModal();
  drawWorld();
  drawHint();
});

/** Say new messages to those who listen, and open the thread in which a case has just appeared. */
function listen() {
  const messages = messagesOf(SUPPORT);
  const fresh = messages.filter((one) => heard !== null && Number(one.ts) > heard);
  heard = Number(messages.at(-1)?.ts ?? heard ?? 0);
  if (fresh.length) byId("announce").textContent = fresh.map((one) => `${nameOf(one.user)}: ${one.text.slice(0, 120)}`).join(". ");
  const cases = allCases();
  const opened = cases.find((one) => !known.has(one.ref));
  known = new Set(cases.map((one) => one.ref));
  if (opened && !one(store.thread)) update({ channel: SUPPORT, thread: opened.root });
  const own = fresh.findLast((one) => one.user === store.me && !isReply(one) && !one.seen_by);
  if (own && store.thread) update({ thread: null });
}

const one = (ts) => ts && messagesOf(store.channel).some((message) => message.ts === ts);

function drawPeople() {
  const select = byId("me");
  const people = store.slack.users.filter((user) => !user.is_bot).toSorted((a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id));
  const look = JSON.stringify([store.me, people.map((user) => user.id)]);
  if (select.look === look) return;
  select.look = look;
  select.replaceChildren(...people.map((user) => el("option", { value: user.id, selected: user.id === store.me }, `${firstName(user.id)} (${TITLES[user.role] ?? user.role})`)));
}

const SWITCHES = [
  ["down", "ActiveCampaign is down", "every request is answered 503"],
  ["not_admin", "Its API key is not an admin’s", "deleting and archives answer 404"],
  ["archive_limit", "Its monthly archive limit is reached", "deleting contacts is refused"],
];

function drawFaults() {
  const { app } = store;
  const body = byId("faults-body");
  const look = JSON.stringify(app);
  if (body.look === look) return;
  body.look = look;
  const focused = document.activeElement?.id;
  const number = SWITCHES.filter(([name]) => app.faults[name]).length + Number(app.holding) + Number(!app.running);
  byId("faults-title").textContent = number ? `Faults (${number})` : "Faults";
  byId("faults").classList.toggle("on", number > 0);
  body.replaceChildren(
    ...SWITCHES.map(([name, label, help]) => toggle(`fault-${name}`, label, help, app.faults[name], (on) => change("world/faults", { [name]: on }, on ? `${label}.` : "ActiveCampaign works again."))),
    toggle("fault-hold", "It keeps its answers back", "it deletes, but the bot does not hear of it", app.holding, (on) => change("world/hold", { held: on }, on ? "Answers to deletions are kept back." : "The answers are on their way.")),
    el("hr"),
    el("p.muted", {}, app.running ? (app.connected ? "The bot is running." : "The bot is starting…") : "The bot is not running."),
    app.running
      ? el("button", { type: "button", id: "app-kill", onclick: () => change("world/app", { do: "kill" }, "The bot was killed (kill -9). Start it again under Faults.") }, "Kill the bot")
      : el("button.primary", { type: "button", id: "app-start", onclick: startBot }, "Start the bot"));
  if (focused) byId(focused)?.focus();
}

function toggle(id, label, help, isOn, set) {
  return el("label.choice", {}, el("input", { type: "checkbox", id, checked: isOn, onchange: (event) => set(event.target.checked) }), el("span", {}, label, el("small", {}, help)));
}

async function startBot() {
  say("Starting the bot…");
  await change("world/app", { do: "start" }, "The bot is running again.");
}

async function startStory(text) {
  if (!["customer", "outsider"].includes(roleOf(store.me))) become("U_MAYA");
  update({ channel: SUPPORT, thread: null });
  await write(text);
}

byId("helpdesk-body").append(...TICKETS.map(({ label, help, message }) =>
  el("button", { type: "button", onclick: async () => {
    byId("helpdesk").open = false;
    update({ channel: SUPPORT, thread: null });
    await act("say", { user: "U_HELPDESK", channel: SUPPORT, as_bot_integration: true, text: "", ...message });
  } }, label, el("small", {}, help))));
byId("me").addEventListener("change", (event) => become(event.target.value));
for (const button of document.querySelectorAll("[data-say]")) button.addEventListener("click", () => startStory(button.dataset.say));
byId("reset").addEventListener("click", async () => {
  isResetting = true;
  byId("reset").disabled = true;
  say("Beginning anew…");
  heard = null;
  known = new Set();
  beQuiet(true);
  forget();
  await change("world/reset", {}, "Everything is as it was at the beginning.");
  isResetting = false;
  beQuiet(false);
  byId("reset").disabled = false;
});
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const view = store.slack?.views[store.me]?.at(-1);
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (view && !document.querySelector("dialog.confirm")) act("close", { user: store.me, view_id: view.id });
});

follow();
