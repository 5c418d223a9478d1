// Draws Block Kit: messages and modals share the same blocks, and differ in what happens when something is used.
import { el } from "./dom.js";
import { field, valueOf } from "./fields.js";
import { mrkdwn, richText, textOf } from "./text.js";

let number = 0;

/**
 * Return the blocks as nodes. `place` says what using an element does and what inputs hold:
 * {used(element, block, value, node), values, inputs (a Map that is filled), changed(), next (action ids to point at)}.
 */
export function drawBlocks(blocks, place) {
  return (blocks ?? []).map((block) => drawBlock(block, place));
}

function drawBlock(block, place) {
  switch (block.type) {
    case "header":
      return el("h3.block.header", {}, textOf(block.text));
    case "section":
      return section(block, place);
    case "context":
      return el("div.block.context", {}, block.elements.map((one) => (one.type === "image" ? picture(one) : el("span", {}, textOf(one)))));
    case "divider":
      return el("hr.block");
    case "actions":
      return el("div.block.actions", {}, block.elements.map((one) => interactive(one, block, place)));
    case "input":
      return input(block, place);
    case "rich_text":
      return richText(block);
    case "plan":
      return plan(block);
    case "image":
      return el("figure.block", {}, picture(block));
    default:
      return el("p.block.context", {}, `(a block of type ${block.type})`);
  }
}

const STATUS = { complete: ["✓", "done"], in_progress: ["◐", "in progress"], pending: ["○", "waiting"], error: ["✗", "failed"] };

function plan(block) {
  return el("div.block.plan", {},
    el("p.plan-title", {}, block.title),
    el("ul", {}, (block.tasks ?? []).map((task) => {
      const [sign, word] = STATUS[task.status] ?? STATUS.pending;
      return el("li", { className: `task ${task.status}` },
        el("span.sign", { role: "img", "aria-label": word }, sign),
        el("div", {}, el("strong", {}, task.title), ` · ${word}`, task.output && richText(task.output), task.details && richText(task.details)));
    })));
}

function section(block, place) {
  return el("div.block.section", {},
    el("div.section-text", {},
      block.text && el("div", {}, textOf(block.text)),
      block.fields && el("div.fields", {}, block.fields.map((one) => el("div", {}, textOf(one))))),
    block.accessory && el("div.accessory", {}, interactive(block.accessory, block, place)));
}

// Nothing is fetched from elsewhere: a picture is its description.
const picture = (image) => el("span.picture", { role: "img", "aria-label": image.alt_text }, image.alt_text);

function interactive(element, block, place) {
  if (element.type === "image") return picture(element);
  if (element.type === "button") return button(element, block, place);
  if (element.type === "overflow") return overflow(element, block, place);
  const label = element.placeholder?.text ?? "Choose";
  const made = field(element, {
    id: `field-${(number += 1)}`,
    value: valueOf(place.values?.[block.block_id]?.[element.action_id]),
    changed: () => use(element, () => place.used(element, block, made.read(), made.node)),
  });
  made.node.setAttribute("aria-label", label);
  return made.node;
}

function button(element, block, place) {
  const points = place.next?.has(element.action_id);
  const node = el("button", {
    type: "button",
    className: [element.style ?? "", points ? "next" : ""].join(" ").trim(),
    "data-action": element.action_id,
    "aria-label": element.accessibility_label,
    title: points ? "The next step" : undefined,
    onclick: () => use(element, () => place.used(element, block, null, node)),
  }, element.text.text);
  return node;
}

function overflow(element, block, place) {
  return el("details.menu.overflow", {},
    el("summary", { "aria-label": "More" }, "…"),
    el("div.menu-body", {}, element.options.map((option) =>
      el("button", {
        type: "button",
        onclick: (event) => {
          event.target.closest("details").open = false;
          use(element, () => place.used(element, block, option.value, event.target));
        },
      }, option.text.text))));
}

/** Ask first where the element has a confirm object; then do it. */
function use(element, deed) {
  const ask = element.confirm;
  if (!ask) {
    deed();
    return;
  }
  const dialog = el("dialog.confirm", { "aria-label": ask.title.text, onclose: () => dialog.remove() },
    el("form", { method: "dialog" },
      el("h2", {}, ask.title.text),
      el("p", {}, textOf(ask.text)),
      el("div.buttons", {},
        el("button", { type: "submit" }, ask.deny.text),
        el("button", { type: "submit", className: ask.style ?? "primary", onclick: deed }, ask.confirm.text))));
  document.body.append(dialog);
  dialog.showModal();
}

function input(block, place) {
  const id = `field-${(number += 1)}`;
  const { element } = block;
  const hint = block.hint && el("p.help", { id: `${id}-help` }, textOf(block.hint));
  const made = field(element, {
    id,
    value: valueOf(place.values?.[block.block_id]?.[element.action_id]),
    describedBy: hint ? `${id}-help` : undefined,
    changed: () => {
      node.classList.remove("has-error");
      place.changed?.();
      if (block.dispatch_action) place.used(element, block, made.read(), made.node);
    },
  });
  const label = [block.label.text, block.optional && el("span.optional", {}, " (optional)")];
  const error = el("p.error", { role: "alert" });
  const node = made.isGroup
    ? el("fieldset.block.input", { "aria-describedby": hint ? `${id}-help` : undefined }, el("legend", {}, label), made.node, hint, error)
    : el("div.block.input", {}, el("label", { htmlFor: id }, label), made.node, hint, error);
  place.inputs?.set(`${block.block_id} ${element.action_id}`, {
    block, element, ...made,
    fail(text) {
      node.classList.toggle("has-error", Boolean(text));
      error.textContent = text ?? "";
    },
  });
  return node;
}

/** Return a message's content: its blocks, or its text where it has none. */
export function drawMessage(message, place) {
  const body = message.blocks?.length ? drawBlocks(message.blocks, place) : [el("div.block.section", {}, el("div.section-text", {}, mrkdwn(message.text ?? "")))];
  const attached = (message.attachments ?? []).map((one) => el("div.attachment", {}, one.blocks ? drawBlocks(one.blocks, place) : attachment(one)));
  const files = (message.files ?? []).map((one) => el("div.attachment", {},
    el("p", {}, el("strong", {}, one.subject ?? one.title ?? "File")),
    one.from?.length > 0 && el("p.muted", {}, one.from.map((from) => `${from.name} <${from.address}>`).join(", ")),
    el("p", {}, one.plain_text ?? "")));
  return [...body, ...attached, ...files];
}

/** An attachment without blocks: the older form, in which help desks still post. */
function attachment(one) {
  return [
    one.pretext && el("p", {}, mrkdwn(one.pretext)),
    one.author_name && el("p.muted", {}, one.author_name),
    one.title && el("p", {}, el("strong", {}, one.title)),
    el("p", {}, mrkdwn(one.text ?? (one.title ? "" : one.fallback ?? ""))),
    one.fields?.length > 0 && el("div.fields", {}, one.fields.map((field) => el("div", {}, el("strong", {}, field.title), el("br"), mrkdwn(field.value)))),
  ];
}
