// The elements of Block Kit that take something: each becomes a real form control that can be read and filled.
import { el } from "./dom.js";
import { store } from "./store.js";
import { textOf } from "./text.js";

const TEXT_TYPES = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
};
const PICKERS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

/**
 * Return {node, read, write} for an element. `value` is what is chosen now (a string, a list, a number or null),
 * `id` goes to the control (or its group), `changed` is called after the person changed it.
 */
export function field(element, { id, value, describedBy, changed = () => {} }) {
  if (element.type in TEXT_TYPES) return textField(element, { id, value, describedBy, changed });
  if (element.type in PICKERS) return picker(element, { id, value, describedBy, changed });
  if (element.type === "radio_buttons" || element.type === "checkboxes") return choices(element, { id, value, changed });
  return select(element, { id, value, describedBy, changed });
}

/** Return what `state.values` holds for an element, as `field` takes it. */
export function valueOf(held) {
  if (!held) return null;
  if ("selected_options" in held) return held.selected_options.map((one) => one.value);
  if ("selected_option" in held) return held.selected_option?.value ?? null;
  const name = Object.keys(held).find((one) => one !== "type");
  return held[name] ?? null;
}

function textField(element, { id, value, describedBy, changed }) {
  const common = {
    id,
    value: value ?? "",
    placeholder: element.placeholder?.text,
    "aria-describedby": describedBy,
    oninput: changed,
  };
  const rows = Math.min(8, Math.max(3, String(value ?? "").split("\n").length + 1));
  const node = element.multiline
    ? el("textarea", { ...common, rows })
    : el("input", { ...common, type: TEXT_TYPES[element.type] });
  const most = element.max_length;
  if (most) node.maxLength = most;
  return { node, read: () => node.value || null, write: (to) => (node.value = to ?? "") };
}

function picker(element, { id, value, describedBy, changed }) {
  const isMoment = element.type === "datetimepicker";
  const shown = isMoment && value ? localMoment(value) : (value ?? "");
  const node = el("input", {
    id, type: PICKERS[element.type], value: shown, "aria-describedby": describedBy, onchange: changed,
  });
  const read = () => (!node.value ? null : isMoment ? Math.floor(new Date(node.value).getTime() / 1000) : node.value);
  return { node, read, write: (to) => (node.value = isMoment && to ? localMoment(to) : (to ?? "")) };
}

function localMoment(seconds) {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function choices(element, { id, value, changed }) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = new Set([value ?? []].flat());
  const boxes = element.options.map((option, place) =>
    el("input", {
      type, name: id, id: `${id}-${place}`, value: option.value, checked: chosen.has(option.value), onchange: changed,
    }),
  );
  const node = el("div.choices", {}, element.options.map((option, place) =>
    el("label.choice", {},
      boxes[place],
      el("span", {}, textOf(option.text), option.description && el("small", {}, textOf(option.description)))),
  ));
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return {
    node,
    isGroup: true,
    read: () => (type === "checkbox" ? picked() : (picked()[0] ?? null)),
    write: (to) => {
      const wanted = new Set([to ?? []].flat());
      for (const box of boxes) box.checked = wanted.has(box.value);
    },
  };
}

function select(element, { id, value, describedBy, changed }) {
  const many = element.type.startsWith("multi_");
  const chosen = new Set([value ?? []].flat());
  const drawn = (option) => el("option", { value: option.value, selected: chosen.has(option.value) }, option.text.text);
  const groups = element.option_groups?.map((group) => el("optgroup", { label: group.label.text }, group.options.map(drawn)));
  const node = el("select", { id, multiple: many, "aria-describedby": describedBy, onchange: changed },
    !many && el("option", { value: "" }, element.placeholder?.text ?? "Choose…"),
    groups ?? offered(element).map(drawn));
  const read = () => (many ? [...node.selectedOptions].map((one) => one.value) : node.value || null);
  return { node, read, write: (to) => (node.value = to ?? "") };
}

function offered(element) {
  const named = (one, name) => ({ value: one.id, text: { text: name } });
  if (element.type.includes("users_select")) {
    return store.slack.users.filter((one) => !one.is_bot).map((one) => named(one, one.real_name));
  }
  if (/channels_select|conversations_select/.test(element.type)) {
    return store.slack.channels.map((one) => named(one, `#${one.name}`));
  }
  return element.options ?? [];
}
