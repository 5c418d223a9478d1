// What the page knows: the parts of the world as the server sent them, and what this person has in front of them.

export const SUPPORT = "C_SUPPORT";
const FIRST = "U_MAYA";

export const store = {
  epoch: "",
  number: 0,
  slack: null,
  app: null,
  mail: null,
  company: null,
  ledger: null,
  me: sessionStorage.getItem("me") || FIRST,
  channel: SUPPORT,
  thread: null,
  tab: "records",
  focus: "auto",
};

const listeners = new Set();

/** Call `listener` after every change. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Change what the page knows and draw it anew. */
export function update(changes) {
  Object.assign(store, changes);
  for (const listener of listeners) listener(changes);
}

/** Become somebody else. */
export function become(user) {
  sessionStorage.setItem("me", user);
  const stays = channelOf(store.channel)?.members.includes(user);
  const channel = stays ? store.channel : SUPPORT;
  update({ me: user, channel, thread: channel === store.channel ? store.thread : null });
}

/** Begin anew, as at the first visit. */
export function forget() {
  sessionStorage.removeItem("me");
  update({ me: FIRST, channel: SUPPORT, thread: null, tab: "records", focus: "auto" });
}

export function user(id) {
  return store.slack?.users.find((one) => one.id === id);
}

export function nameOf(id) {
  return user(id)?.real_name ?? id;
}

export function firstName(id) {
  return nameOf(id).split(" ")[0];
}

export function roleOf(id) {
  return user(id)?.role ?? "";
}

export function channelOf(id) {
  return store.slack?.channels.find((one) => one.id === id);
}

/** Return what this person sees in a channel, oldest first. */
export function messagesOf(id) {
  return (channelOf(id)?.messages ?? []).filter((one) => !one.seen_by || one.seen_by === store.me);
}

export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

/** Return the modals that the person has open, the one in front last. */
export function myViews() {
  return store.slack?.views[store.me] ?? [];
}

/** Return the address on file of a customer who writes in Slack, or "". */
export function addressOf(id) {
  return store.mail?.addresses[id] ?? "";
}
