// The line at the top: who should do what next, read off the state of the case in view.
import { change, say } from "./api.js";
import { caseInView, unanswered } from "./cases.js";
import { write } from "./channel.js";
import { el } from "./dom.js";
import { ANSWERS } from "./examples.js";
import { SUPPORT, addressOf, become, firstName, myViews, roleOf, store, update } from "./store.js";

const ANA = "U_ANA";
const LEA = "U_LEA";
const OLGA = "U_OLGA";
// In these nobody has to press anything.
const RUNS = new Set(["approved", "deleting", "verifying", "awaiting_systems"]);
const NOBODY = () => new Set();

/** Return {text, who (any of these can do it), steps: [[label, deed]], points: action ids on the case's card}. */
function hint() {
  const found = caseInView();
  const waiting = unanswered();
  if (store.app && !store.app.running) {
    return { text: "The bot is not running. What people write now is delivered when it is back.", steps: [["Start the bot", startBot]] };
  }
  const newest = waiting.at(-1);
  if (newest && Number(newest.ts) > Number(found?.root ?? 0) && Date.now() / 1000 - Number(newest.ts) < 4) {
    return { text: `${firstName(newest.user)} has written. The bot is reading the message…` };
  }
  if (!found && newest) {
    return { text: "The bot did not take that for a deletion request: nothing was kept. An agent can still open a case with “…” on the message. Or write something else." };
  }
  if (!found) {
    return {
      text: "Fernleaf sells plants, and you are Maya, one of its customers. The bot behind this page is the real one; everything around it is a look-alike.",
      who: ["U_MAYA", "U_JONAS"], become: "U_MAYA",
      steps: [["Start here: write “Delete my data”", () => write("Please delete my data")]], first: true,
    };
  }
  return ofCase(found);
}

function ofCase(found) {
  const customer = firstName(found.customer);
  const ana = { who: staff(found), become: ANA };
  const press = (text, action, why = "") => ({ ...ana, text: `Press “${text}” on the card of ${found.ref}. ${why}`.trim(), points: [action], thread: found.root });
  if (!found.isCurrent && !RUNS.has(found.state) && !found.hasEnded) return { text: `The card of ${found.ref} is being redrawn…` };
  if (found.buttons.has("mark_read")) return press("I have read it", "mark_read", `${customer} wrote again: nothing goes on before somebody has read it.`);
  switch (found.state) {
    case "detected":
      return press("Ask the customer", "ask_customer", "The customer is always asked which of the two is meant.");
    case "awaiting_customer":
      if (found.reply && !found.isNoted) return { text: `${customer} has answered. The bot is noting it…` };
      return found.reply ? press("Record the answer", "record_answer", `${customer} has answered.`) : answering(found, customer, ana);
    case "scope_confirmed":
      return found.buttons.has("make_plan")
        ? press("Make the plan", "make_plan", "It counts what would be deleted. Nothing is changed.")
        : press("Who is this?", "identify", "Search every system for the customer’s address.");
    case "planned":
      return press("Show the plan", "show_plan", "Read what would happen, then send it on.");
    case "awaiting_approval":
      return { who: [LEA, "U_TOM"], become: LEA, points: ["review_and_approve"], thread: found.root,
        text: "A second person decides: press “Review and approve”, read, and type the case’s number." };
    case "approved":
      return { text: `Approved. It starts by itself after the cooling-off${store.app ? ` (${store.app.cooling_off} s here, 24 h in production)` : ""}. Until then anybody here can stop it. Watch the records.` };
    case "deleting":
    case "verifying":
    case "awaiting_systems":
      return { text: store.app?.holding
        ? "ActiveCampaign has deleted, but keeps its answer back. Kill the bot under Faults, start it again, and see that nothing happens twice."
        : "Deleting, and reading again whether it is gone. Watch the records. Nothing is claimed before that." };
    case "needs_attention":
      return attention(ana, found, press);
    case "notifying":
      return telling(found, customer, ana, press);
    default:
      return ended(found, customer);
  }
}

/** Those who may act for the desk; approvers may too, but then could not approve. */
const staff = () => [ANA, "U_BEN"];

function answering(found, customer, ana) {
  const inMail = found.question === "mail";
  const address = addressOf(found.customer);
  const letters = (store.mail?.letters ?? []).filter((one) => one.to === address);
  if (inMail && !letters.length) {
    return { ...ana, text: `The question goes out by hand: send it to ${customer} under “Mail” on the right.`, steps: [["Open the mail", () => update({ tab: "mail" })]] };
  }
  if (inMail) {
    return { who: [found.customer], become: found.customer, text: `${customer} has mail: answer it under “Mail” on the right.`, steps: [["Open the mail", () => update({ tab: "mail" })]] };
  }
  return {
    who: [found.customer], become: found.customer, thread: found.root,
    text: `${customer} reads the question in the thread and answers it.`,
    steps: ANSWERS.map(([label, text]) => [label, () => write(text, found.root)]),
  };
}

function attention(ana, found, press) {
  const { down, not_admin: notAdmin, archive_limit: limit } = store.app?.faults ?? {};
  if (down || notAdmin || limit) {
    return { text: "ActiveCampaign did not do it, so nothing was claimed. Put it right, then check again.", steps: [["Mend ActiveCampaign", mend]] };
  }
  return press("Check again", "check_again", "Or refuse what is left, with a ground.");
}

function telling(found, customer, ana, press) {
  if (found.buttons.has("attest_manual")) {
    const left = found.fromCustomer.length;
    if (left) {
      return { who: [OLGA], become: OLGA, thread: found.root,
        text: `${customer}’s own words are personal data too. Delete them as a workspace admin can: “…” on a message, “Delete message” (${left} left).` };
    }
    return press("Done by hand", "attest_manual", `${customer}’s messages are gone: put your name to it.`);
  }
  if (found.buttons.has("closing_message")) return press("Send the closing message", "closing_message", `All is verified; ${customer} has not been told yet.`);
  return { text: `${customer} is being told.` };
}

function ended(found, customer) {
  const how = {
    completed: `${found.ref} is done: verified, and ${customer} was told.`,
    dismissed: `${found.ref} was dismissed. It can be undone for a while.`,
    withdrawn: `${found.ref} was taken back; nothing was deleted.`,
    refused: `${found.ref} was refused, with a ground.`,
  }[found.state];
  return { text: `${how} See the ledger on the right. Then try another story, or a fault.`, steps: [["Open the ledger", () => update({ tab: "ledger" })], ["As Jonas: “Delete my account”", asJonas]] };
}

async function asJonas() {
  become("U_JONAS");
  update({ channel: SUPPORT, thread: null, tab: "records" });
  await write("Please delete my account");
}

async function startBot() {
  say("Starting the bot…");
  await change("world/app", { do: "start" }, "The bot is back.");
}

const mend = () => change("world/faults", { down: false, not_admin: false, archive_limit: false }, "ActiveCampaign works again.");

/** Return, for a message, which of its buttons are the next step of the acting person. */
export function nextActions() {
  const now = hint();
  if (!now.points || !now.who.includes(store.me)) return NOBODY;
  const card = caseInView()?.card.ts;
  const points = new Set(now.points);
  return (message) => (message.ts === card ? points : NOBODY());
}

/** What to do with the form in front. */
function ofForm(view) {
  if (!view.submit) return "Read it, then close it.";
  const last = `press “${view.submit.text}”.`;
  return view.blocks.some((one) => one.type === "input") ? `Fill in the form (“Fill in an example” does the typing), then ${last}` : `Read it, then ${last}`;
}

/** Draw the line at the top. */
export function drawHint() {
  const now = hint();
  const line = document.getElementById("hint");
  const isMine = !now.who || now.who.includes(store.me);
  const buttons = [];
  if (!isMine) buttons.push(["primary", `Be ${firstName(now.become)} (${roleOf(now.become)})`, () => { become(now.become); if (now.thread) update({ thread: now.thread }); }]);
  else if (now.thread && store.thread !== now.thread) buttons.push(["primary", "Open the thread", () => update({ thread: now.thread })]);
  else for (const [label, deed] of now.steps ?? []) buttons.push([now.first || buttons.length === 0 ? "primary" : "", label, deed]);
  // Equal choices must look equal.
  if ((now.steps?.length ?? 0) > 2 && isMine) for (const one of buttons) one[0] = "";
  const view = myViews().at(-1);
  const inModal = Boolean(view);
  const text = inModal ? ofForm(view) : isMine ? now.text : `Now be ${firstName(now.become)}, the ${ROLES[roleOf(now.become)] ?? roleOf(now.become)}. ${now.text}`;
  const look = JSON.stringify([text, inModal ? [] : buttons.map((one) => one.slice(0, 2))]);
  if (line.look === look) return;
  line.look = look;
  line.classList.toggle("first", Boolean(now.first));
  document.getElementById("hint-text").replaceChildren(el("strong", {}, now.first ? "Welcome. " : "Next: "), text);
  document.getElementById("hint-buttons").replaceChildren(
    ...(inModal ? [] : buttons.map(([kind, label, deed]) => el("button", { type: "button", className: kind, onclick: deed }, label))));
}

const ROLES = { operator: "workspace admin" };
