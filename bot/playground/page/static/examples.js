// What "Fill in an example" puts into a form of the app: what a sensible agent would write about this case.
import { allCases } from "./cases.js";
import { addressOf, store } from "./store.js";

/** Return {block id: value} for the view; {} where there is nothing to suggest. */
export function exampleFor(view) {
  const ref = /DD-\d+/.exec(view.title.text)?.[0];
  const found = allCases().find((one) => one.ref === ref);
  const make = EXAMPLES[view.callback_id];
  return make ? make(view, found) : {};
}

const EXAMPLES = {
  ask_customer_form: (view) => ({ channel: way(view) }),
  record_answer_form: (view, found) => {
    const byMail = found?.reply?.how === "email";
    return {
      ...(found?.reply && { scope: scopeOf(found.reply.text), words: plain(found.reply.text) }),
      channel: byMail ? "email" : "thread",
      proof: byMail ? "replied_from_address_on_file" : "signed_in",
    };
  },
  search_form: (_view, found) => {
    const address = addressOf(found?.customer);
    // Somebody from outside has no account here: whose address it is, nobody but a person can find out.
    return address ? { addresses: `${address} signed in to the account`, control: "Signed in to the account." } : {};
  },
  identity_form: (view) => decisions(view),
  approve_form: (view) => ({ typed: /DD-\d+/.exec(view.title.text)[0] }),
  closing_form: (view) => ({ channel: way(view) }),
  attest_form: (view) => ({ system: options(view, "system")[0], done: ["yes"] }),
  hand_over_form: () => ({ taker: "U_BEN", note: "The customer calls back at five." }),
  extend_form: (view) => ({ ground: "Records in several systems have to be looked through by hand.", channel: way(view) }),
  laws_form: () => ({ laws: ["gdpr"], reason: "The customer lives in Berlin." }),
  dismiss_form: () => ({ reason: "how_to", note: "Asked how something works." }),
  withdraw_form: () => ({ words: "I have changed my mind, please keep everything." }),
  refuse_form: (view) => ({ legal_ground: "no_data", ground: "We hold no data about you.", channel: way(view) }),
};

function options(view, blockId) {
  const block = view.blocks.find((one) => one.block_id === blockId);
  return (block?.element.options ?? []).map((one) => one.value);
}

/** In the thread where that is offered; else by hand. */
function way(view) {
  const offered = options(view, "channel");
  return offered.includes("thread") ? "thread" : (offered[0] ?? null);
}

const plain = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replace(/<(?:mailto:)?([^|>]+)(?:\|[^>]*)?>/g, "$1");

/** Read the answer as a person would; what is not clear stays open. */
function scopeOf(text) {
  const said = text.trim().toLowerCase();
  if (/^1\b|everything|all of it/.test(said)) return "all_personal_data";
  if (/^2\b|only the account|account only/.test(said)) return "account_only";
  return /^3\b|neither/.test(said) ? "neither" : null;
}

/** Every match is this person's, except where the form itself warns: that is for a person to decide. */
function decisions(view) {
  const decided = {};
  let hasWarning = false;
  for (const block of view.blocks) {
    if (block.type === "divider") hasWarning = false;
    if (block.type === "section" && block.text.text.includes("Warning")) hasWarning = true;
    if (block.type === "input" && !hasWarning) decided[block.block_id] = "theirs";
  }
  return decided;
}

/** Return the three answers a customer can give to the question. */
export const ANSWERS = [
  ["Answer: 1, everything", "1. Erase everything, please."],
  ["Answer: 2, only the account", "2. Only close the account, please."],
  ["Answer: 3, neither", "3. Neither, I meant something else."],
];
