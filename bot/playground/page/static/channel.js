// The channel and the thread: messages, what can be done with them, and the boxes to write in.
import { act, say } from "./api.js";
import { drawBlocks, drawMessage } from "./blocks.js";
import { closeMenus, el, keyed } from "./dom.js";
import { nextActions } from "./guide.js";
import { SUPPORT, channelOf, firstName, isReply, messagesOf, nameOf, roleOf, store, update, user } from "./store.js";
import { clock, withMentions } from "./text.js";

const byId = (id) => document.getElementById(id);
const OPEN_CASE = "open_deletion_case";
const START = "start_deletion_case";
/** The app's home tab, shown in the place of a channel. */
const HOME = "HOME";

/** Draw channel and thread as the acting person sees them. */
export function drawChannel() {
  drawHome();
  const messages = messagesOf(store.channel);
  const roots = messages.filter((one) => !isReply(one) && !(one.seen_by && one.thread_ts));
  heading(byId("channel-head"), [...tabs(), shortcuts()].filter(Boolean));
  list(byId("channel-messages"), roots, { inThread: false });
  if (!roots.length) emptyNote(byId("channel-messages"));
  const root = messages.find((one) => one.ts === store.thread);
  byId("thread").hidden = !root;
  byId("workspace").classList.toggle("with-thread", Boolean(root));
  if (root) {
    heading(byId("thread-head"), [
      el("h2", {}, "Thread"),
      el("button.quiet", { type: "button", onclick: () => update({ thread: null }) }, "Close"),
    ]);
    list(byId("thread-messages"), messages.filter((one) => one.ts === root.ts || one.thread_ts === root.ts), { inThread: true });
  }
  composer(byId("channel-composer"), { thread: null, isNarrow: Boolean(root) });
  composer(byId("thread-composer"), { thread: root?.ts ?? null, isNarrow: true });
}

function heading(node, children) {
  const look = children.map((one) => one.outerHTML).join();
  if (node.look === look) return;
  node.look = look;
  node.replaceChildren(...children);
}

/** The channels this person is in: #support always, others once something was written there. */
function tabs() {
  const mine = store.slack.channels.filter((one) => one.members.includes(store.me));
  const shown = mine.filter((one) => one.id === SUPPORT || messagesOf(one.id).length);
  const drawn = shown.map((one) =>
    el("button.tab", {
      type: "button",
      "aria-pressed": String(one.id === store.channel),
      onclick: () => update({ channel: one.id, thread: null }),
    }, one.type === "im" ? "Direct messages" : `# ${one.name}`));
  if (!isColleague()) return drawn;
  const home = el("button.tab", { type: "button", "aria-pressed": String(store.channel === HOME), onclick: openHome }, "App Home");
  return [...drawn, home];
}

const isColleague = () => user(store.me)?.team_id === store.slack.team.id;

async function openHome() {
  update({ channel: HOME, thread: null });
  await act("open_home", { user: store.me });
}

/** Slack's shortcuts that belong to no message. */
function shortcuts() {
  if (!isColleague()) return null;
  return el("details.menu.shortcuts", { ontoggle: (event) => event.target.open && closeMenus(event.target) },
    el("summary", { "aria-label": "Shortcuts" }, "⚡"),
    el("div.menu-body", {}, el("button", { type: "button", onclick: (event) => {
      event.target.closest("details").open = false;
      act("global_shortcut", { user: store.me, callback_id: START });
    } }, "Open a case from a link")));
}

/** The app's home tab of the acting person, in the place of the messages. */
function drawHome() {
  const isHome = store.channel === HOME;
  byId("channel-messages").hidden = isHome;
  byId("channel-composer").hidden = isHome;
  const place = byId("home");
  place.hidden = !isHome;
  if (!isHome) return;
  const view = store.slack.homes[store.me];
  const look = JSON.stringify([store.me, view?.hash]);
  if (place.look === look) return;
  place.look = look;
  const used = async (element, block, value, node) => {
    node.setAttribute("aria-busy", "true");
    await act("act", { user: store.me, view_id: view.id, action_id: element.action_id, block_id: block.block_id, value });
    node.removeAttribute("aria-busy");
  };
  place.replaceChildren(...(view ? drawBlocks(view.blocks, { used, values: view.state.values }) : [el("p.muted", {}, "The app has published nothing here yet.")]));
}

function emptyNote(node) {
  if (node.firstChild) return;
  node.append(el("li.empty", { "data-key": "empty" }, "Nothing was written here yet. Press one of the starters at the top, or write something below."));
}

function list(node, messages, { inThread }) {
  const wasAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 60;
  const last = node.lastElementChild?.dataset.key;
  const next = nextActions();
  keyed(node, messages, {
    key: (one) => one.ts,
    looks: (one) => JSON.stringify([one, store.me, inThread, one.ts === store.thread, [...next(one)]]),
    build: (one) => item(one, { inThread, next: next(one) }),
  });
  if (wasAtEnd || node.lastElementChild?.dataset.key !== last) node.scrollTop = node.scrollHeight;
}

function item(message, { inThread, next }) {
  const author = user(message.user);
  const isGone = message.subtype === "tombstone";
  const name = isGone ? "Deleted message" : (message.username ?? nameOf(message.user));
  const place = { used: (element, block, value, node) => click(message, element, block, value, node), next };
  return el("li", { className: `message${message.seen_by ? " only-you" : ""}${author?.is_bot ? " by-bot" : ""}${!inThread && message.ts === store.thread ? " opened" : ""}` },
    el("div.avatar", { "aria-hidden": "true", "data-role": author?.is_bot ? "bot" : roleOf(message.user) }, isGone ? "–" : initials(name)),
    el("div.content", {},
      el("div.byline", {},
        el("strong", {}, name),
        author && !isGone && el("span.tag", {}, author.is_bot ? "app" : roleOf(message.user)),
        el("time", {}, clock(message.ts)),
        message.edited && el("span.muted", {}, "(edited)")),
      message.seen_by && el("p.only", {}, "Only visible to you"),
      el("div.text", {}, drawMessage(message, place)),
      !inThread && message.reply_count > 0 && el("button.replies", { type: "button", onclick: () => update({ thread: message.ts }) },
        `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`)),
    !isGone && !message.seen_by && menu(message, { inThread }));
}

const initials = (name) => name.split(" ").map((one) => one[0]).slice(0, 2).join("");

/** What Slack's "…" offers this person for this message. */
function menu(message, { inThread }) {
  const me = user(store.me);
  const isColleague = me?.team_id === store.slack.team.id;
  const mayDelete = message.user === store.me || me?.is_admin;
  const deeds = [
    !inThread && ["Reply in thread", () => update({ thread: message.ts })],
    isColleague && ["Open a deletion case", () => act("shortcut", { user: store.me, channel: store.channel, ts: message.ts, callback_id: OPEN_CASE })],
    ["Copy link", () => copyLink(message)],
    message.user === store.me && ["Edit message", () => edit(message, { inThread })],
    mayDelete && ["Delete message", () => act("delete", { user: store.me, channel: store.channel, ts: message.ts })],
  ].filter(Boolean);
  return el("details.menu.more", { ontoggle: (event) => event.target.open && closeMenus(event.target) },
    el("summary", { "aria-label": `More for the message by ${nameOf(message.user)}` }, "…"),
    el("div.menu-body", {}, deeds.map(([text, deed]) =>
      el("button", { type: "button", onclick: (event) => { event.target.closest("details").open = false; deed(); } }, text))));
}

/** Put the message into the box; sending it from there changes the message. */
function edit(message, { inThread }) {
  const form = byId(inThread ? "thread-composer" : "channel-composer");
  const box = form.querySelector("textarea");
  form.editing = message.ts;
  box.value = withoutMarks(message.text);
  box.focus();
  say("Change the text and press Send. Escape leaves it as it was.");
}

const withoutMarks = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replace(/<(?:mailto:)?([^|>]+)(?:\|[^>]*)?>/g, "$1");

async function copyLink(message) {
  const parent = isReply(message) ? `?thread_ts=${message.thread_ts}&cid=${store.channel}` : "";
  const link = `https://${store.slack.team.domain}.slack.com/archives/${store.channel}/p${message.ts.replace(".", "")}${parent}`;
  try {
    await navigator.clipboard.writeText(link);
    say("Link copied. For example: /deletion open LINK");
  } catch {
    const box = byId("channel-composer").querySelector("textarea");
    box.value = `${box.value} ${link}`.trim();
    say("The link is in the box of the channel.");
  }
}

async function click(message, element, block, value, node) {
  node.setAttribute("aria-busy", "true");
  const picked = element.type === "button" ? null : value;
  await act("click", {
    user: store.me, channel: store.channel, message_ts: message.ts,
    // The screen may lag behind the app, as a real one does.
    action_id: element.action_id, block_id: block.block_id, value: picked, stale: true,
  });
  node.removeAttribute("aria-busy");
}

function composer(form, { thread, isNarrow }) {
  const place = channelOf(store.channel);
  const where = place?.type === "im" ? "the bot" : `#${place?.name ?? ""}`;
  const name = `${thread ? "Reply" : `Message ${where}`} as ${firstName(store.me)}`;
  if (!form.firstChild) {
    const box = el("textarea", { rows: 1, id: `${form.id}-box`, onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
      if (event.key === "Escape" && form.editing) {
        form.editing = null;
        box.value = "";
        say("");
      }
    } });
    form.append(
      el("label.unseen", { htmlFor: box.id }),
      box,
      el("button.send", { type: "submit" }, "Send"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.editing) change(form, box);
      else send(box, form.thread);
    });
  }
  form.thread = thread;
  form.querySelector("label").textContent = name;
  form.querySelector("textarea").placeholder = isNarrow ? `${thread ? "Reply" : "Write"} as ${firstName(store.me)}` : `${name}, or /deletion help, or @Deletion Desk`;
}

async function change(form, box) {
  const answer = await act("edit", { user: store.me, channel: store.channel, ts: form.editing, text: withMentions(box.value.trim()) });
  if (answer.ok) {
    form.editing = null;
    box.value = "";
  }
}

async function send(box, thread) {
  const typed = box.value.trim();
  if (!typed) return;
  const sent = typed.startsWith("/") ? await command(typed, thread) : await write(typed, thread);
  if (sent) box.value = "";
}

/** Write a message as the acting person; returns whether it was posted. */
export async function write(text, thread = null, as = store.me) {
  const answer = await act("say", { user: as, channel: store.channel, text: withMentions(text), ...(thread && { thread_ts: thread }) });
  return answer.ok;
}

async function command(typed, thread) {
  if (thread) {
    say("Slack takes no commands in threads. Type it in the channel's box, or mention @Deletion Desk here.", { wrong: true });
    return false;
  }
  const [word, ...rest] = typed.split(/\s+/);
  const answer = await act("command", { user: store.me, channel: store.channel, command: word, text: rest.join(" ") });
  return answer.ok;
}
