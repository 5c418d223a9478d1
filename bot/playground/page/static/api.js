// Talks to the playground: what people do in Slack, the switches, and the feed of changes.
import { store, update } from "./store.js";

const status = () => document.getElementById("status");

/** Say in the status line what happened, or what went wrong. */
export function say(text, { wrong = false } = {}) {
  status().textContent = text;
  status().classList.toggle("wrong", wrong);
}

async function post(path, body) {
  let answer;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    answer = await response.json();
  } catch {
    answer = { ok: false, error: "the playground does not answer; is it still running?" };
  }
  return answer;
}

/** Do something as the acting person; returns {ok, result} and says in the status line what went wrong. */
export async function act(action, args) {
  const answer = await post(`people/${action}`, args);
  if (!answer.ok) say(`Not possible: ${answer.error}`, { wrong: true });
  else if (answer.result?.problem) say(trouble(answer.result.problem), { wrong: true });
  else say("");
  return answer;
}

/** Put Slack's problem with a delivery into words. */
export function trouble(problem) {
  return store.app?.connected
    ? `Slack says: “We had some trouble connecting.” The bot did not answer in time (${problem}).`
    : "Slack says: “We had some trouble connecting.” The bot is not running: start it under Faults.";
}

/** Use a switch of the world (faults, hold, app, reset) or the mailbox; returns whether it worked. */
export async function change(path, body, done) {
  const answer = await post(path, body);
  say(answer.ok ? done : `Not possible: ${answer.error}`, { wrong: !answer.ok });
  return answer.ok;
}

/** Follow the world for ever: each answer brings the parts that have changed. */
export async function follow() {
  let lost = false;
  for (;;) {
    try {
      const response = await fetch(`world/changes?since=${store.number}&epoch=${store.epoch}&wait=0.8`);
      const news = await response.json();
      if (lost) say("");
      lost = false;
      if (Object.keys(news.parts).length) update({ epoch: news.epoch, number: news.number, ...news.parts });
    } catch (problem) {
      if (!(problem instanceof TypeError)) console.error(problem);
      lost = true;
      say("The playground does not answer. Start it again with: make demo", { wrong: true });
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
