// The modals of the acting person: real dialogs over the workspace, so that the world beside it stays in reach.
import { act, say, trouble } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { closeMenus, el } from "./dom.js";
import { exampleFor } from "./examples.js";
import { myViews, store } from "./store.js";

const place = () => document.getElementById("modal-place");
// What was typed and chosen, by view, so that a view that is updated while somebody types loses nothing.
const drafts = new Map();
let shown = null;
let before = null;

/** Show the view in front, if it is another one or has changed. */
export function drawModal() {
  const views = myViews();
  const view = views.at(-1) ?? null;
  const look = view && JSON.stringify([view.id, view.hash, store.me, views.length]);
  if (shown?.look === look) return;
  const isSame = shown?.id === view?.id;
  for (const node of document.querySelectorAll("#channel, #thread")) node.inert = Boolean(view);
  if (!view) {
    place().replaceChildren();
    shown = null;
    if (before?.isConnected) before.focus();
    return;
  }
  if (!shown) before = document.activeElement;
  shown = { id: view.id, look };
  closeMenus();
  const dialog = draw(view, views);
  const focused = isSame ? document.activeElement?.name || document.activeElement?.dataset?.field : null;
  place().replaceChildren(dialog);
  dialog.show();
  const first = (focused && dialog.querySelector(`[data-field="${focused}"]`)) || dialog.querySelector(".view-body :is(input, textarea, select)");
  (first ?? dialog.querySelector("button.close")).focus({ preventScroll: !focused });
}

function draw(view, views) {
  const inputs = new Map();
  const draft = drafts.get(view.id) ?? new Map();
  drafts.set(view.id, draft);
  const keep = () => {
    for (const [name, one] of inputs) draft.set(name, one.read());
  };
  const body = drawBlocks(view.blocks, {
    inputs,
    values: view.state.values,
    changed: keep,
    used: (element, block, value, node) => use(view, inputs, element, block, value, node),
  });
  for (const [name, one] of inputs) {
    if (draft.has(name)) one.write(draft.get(name));
    (one.isGroup ? one.node.querySelector("input") : one.node).dataset.field = one.block.block_id;
  }
  const problem = el("p.error", { role: "alert" });
  const example = view.submit && exampleFor(view);
  const fill = () => {
    for (const [name, value] of Object.entries(example)) {
      const one = [...inputs.values()].find((input) => input.block.block_id === name);
      one?.write(value);
      one?.fail(null);
    }
    keep();
  };
  const close = () => act("close", { user: store.me, view_id: view.id });
  return el("dialog.view", { "aria-labelledby": "view-title", oncancel: (event) => event.preventDefault() },
    el("form", {
      noValidate: true,
      onsubmit: (event) => { event.preventDefault(); submit(view, inputs, problem, event.submitter); },
      onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } },
    },
      el("header.view-head", {},
        el("h2", { id: "view-title" }, view.title.text),
        views.length > 1 && el("span.muted", {}, `${views.length} open`),
        el("button.close.quiet", { type: "button", "aria-label": "Close this form", onclick: close }, "×")),
      el("div.view-body", {}, body),
      el("footer.view-foot", {},
        problem,
        example && Object.keys(example).length > 0 && el("button.example", { type: "button", onclick: fill, title: "Only in the playground" }, "Fill in an example"),
        el("button", { type: "button", onclick: close }, view.close?.text ?? "Cancel"),
        view.submit && el("button.primary.submit", { type: "submit" }, view.submit.text))));
}

function entered(inputs) {
  const values = {};
  for (const one of inputs.values()) (values[one.block.block_id] ??= {})[one.element.action_id] = one.read();
  return values;
}

async function use(view, inputs, element, block, value, node) {
  node.setAttribute("aria-busy", "true");
  await act("act", {
    user: store.me, view_id: view.id, action_id: element.action_id, block_id: block.block_id,
    value: element.type === "button" ? null : value, values: entered(inputs),
  });
  node.removeAttribute("aria-busy");
}

async function submit(view, inputs, problem, button) {
  for (const one of inputs.values()) one.fail(null);
  problem.textContent = "";
  if (button) button.disabled = true;
  const answer = await act("submit", { user: store.me, view_id: view.id, values: entered(inputs) });
  if (button) button.disabled = false;
  if (!answer.ok) {
    problem.textContent = answer.error;
    return;
  }
  const { outcome, missing, errors, problem: why } = answer.result;
  if (outcome === "failed") {
    problem.textContent = trouble(why);
    say(trouble(why), { wrong: true });
  }
  const failed = { ...Object.fromEntries((missing ?? []).map((id) => [id, "Please fill this in."])), ...errors };
  for (const one of inputs.values()) if (failed[one.block.block_id]) one.fail(failed[one.block.block_id]);
  document.querySelector(".view .has-error :is(input, textarea, select)")?.focus();
}
