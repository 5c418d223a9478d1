// The cases, read off what is on the screen: the bot's cards in the threads, and the ledger for the state.
import { SUPPORT, addressOf, isReply, roleOf, store } from "./store.js";

const REF = /^(DD-\d+):/;
const ENDED = new Set(["completed", "dismissed", "withdrawn", "refused"]);

/** Return every case that has a card, oldest first. */
export function allCases() {
  const channel = store.slack.channels.find((one) => one.id === SUPPORT);
  const found = new Map();
  for (const card of channel.messages) {
    const ref = card.user === store.slack.bot_user_id && !card.seen_by && REF.exec(card.text)?.[1];
    if (!ref || found.has(ref)) continue;
    const root = channel.messages.find((one) => one.ts === (card.thread_ts ?? card.ts));
    const thread = channel.messages.filter((one) => one.thread_ts === root?.ts && one.ts !== root?.ts && !one.seen_by);
    found.set(ref, read(ref, card, root, thread));
  }
  return [...found.values()];
}

function read(ref, card, root, thread) {
  const entries = (store.ledger?.entries ?? []).filter((one) => one.case === ref);
  const state = entries.findLast((one) => one.after)?.after ?? "detected";
  const drawn = (card.blocks ?? []).filter((one) => one.type === "actions").flatMap((one) => one.elements);
  const buttons = new Set(drawn.map((one) => one.action_id));
  // A button carries "<case id>:<version>".
  const values = drawn.map((one) => Number(one.value?.split(":")[1])).filter((one) => one > 0);
  const all = root ? [root, ...thread] : thread;
  const asked = entries.findLast((one) => one.action === "ask");
  // A deleted opening message no longer says who wrote it.
  const customer = all.map((one) => one.user).find((one) => ["customer", "outsider"].includes(roleOf(one))) ?? remembered.get(ref) ?? "";
  if (customer) remembered.set(ref, customer);
  return {
    ref, card, state, buttons, customer, asked, entries,
    root: root?.ts ?? card.thread_ts,
    hasEnded: ENDED.has(state),
    /** Whether the card shows the case as it stands: it is redrawn at most every 1.5 s or so. */
    isCurrent: !values.length || values.every((one) => one >= Math.max(1, ...entries.map((each) => each.version))),
    fromCustomer: all.filter((one) => one.user === customer && one.subtype !== "tombstone"),
    /** What the customer has said since the question, in the thread or by e-mail. */
    reply: asked ? replyAfter(asked.at, all, customer) : null,
    /** Whether the bot has put on record that the customer wrote after the question; letters it never sees. */
    isNoted: Boolean(asked && (replyAfter(asked.at, [], customer) || entries.some((one) => one.action === "customer_wrote" && one.seq > asked.seq))),
    question: asked && thread.some((one) => one.user === store.slack.bot_user_id && one.ts > card.ts && Number(one.ts) >= asked.at - 2) ? "thread" : "mail",
  };
}

const remembered = new Map();

function replyAfter(at, messages, customer) {
  const said = messages.filter((one) => one.user === customer && one.subtype !== "tombstone" && Number(one.ts) > at);
  if (said.length) return { text: said.at(-1).text, how: "thread" };
  const letters = (store.mail?.letters ?? []).filter((one) => one.sender === addressOf(customer) && one.at > at);
  return letters.length ? { text: letters.at(-1).text, how: "email" } : null;
}

/** Return the case to look at: the one in the open thread, else the newest that has not ended. */
export function caseInView() {
  const cases = allCases();
  const open = cases.filter((one) => one.root === store.thread);
  return open.findLast((one) => !one.hasEnded) ?? open.at(-1) ?? cases.findLast((one) => !one.hasEnded) ?? cases.at(-1) ?? null;
}

/** Return the customer messages that no card answers yet. */
export function unanswered() {
  const roots = new Set(allCases().map((one) => one.root));
  const channel = store.slack.channels.find((one) => one.id === SUPPORT);
  return channel.messages.filter((one) => !isReply(one) && !one.seen_by && ["customer", "outsider"].includes(roleOf(one.user)) && !roots.has(one.ts));
}
