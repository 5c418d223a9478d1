// Slack's text as elements: mrkdwn, plain text and rich text, with escapes, mentions and links.
import { el } from "./dom.js";
import { channelOf, nameOf, store, update } from "./store.js";

const MARKS =
  /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])|\n/g;

const plainOf = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Return mrkdwn as nodes. */
export function mrkdwn(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    if (match.index > end) nodes.push(plainOf(text.slice(end, match.index)));
    end = match.index + match[0].length;
    const [whole, pre, code, angle, bold, italic, struck] = match;
    if (pre !== undefined) nodes.push(el("pre", {}, plainOf(pre)));
    else if (code !== undefined) nodes.push(el("code", {}, plainOf(code)));
    else if (angle !== undefined) nodes.push(reference(angle));
    else if (bold !== undefined) nodes.push(el("strong", {}, mrkdwn(bold)));
    else if (italic !== undefined) nodes.push(el("em", {}, mrkdwn(italic)));
    else if (struck !== undefined) nodes.push(el("s", {}, mrkdwn(struck)));
    else nodes.push(whole === "\n" ? el("br") : whole);
  }
  if (end < text.length) nodes.push(plainOf(text.slice(end)));
  return nodes;
}

function reference(inside) {
  const [target, label] = inside.split("|", 2);
  if (target.startsWith("@")) return mention(`@${nameOf(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${channelOf(target.slice(1))?.name ?? target.slice(1)}`);
  if (target.startsWith("!subteam^")) return mention(label ?? "@group");
  if (target.startsWith("!date^")) return plainOf(label ?? "");
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return link(plainOf(target), plainOf(label ?? target.replace(/^mailto:/, "")));
}

const mention = (text) => el("span.mention", {}, text);

function link(url, label) {
  const place = /\.slack\.com\/archives\/(\w+)\/p(\d+)(\d{6})/.exec(url);
  if (place) {
    const [, channel, seconds, micros] = place;
    const root = /thread_ts=([\d.]+)/.exec(url)?.[1] ?? `${seconds}.${micros}`;
    return el("button.link", { type: "button", onclick: () => update({ channel, thread: root }) }, label);
  }
  // Nothing here leads out of the playground: other addresses are shown, not opened.
  return el("span.address", { title: url }, label);
}

/** Return a text object ({type: plain_text | mrkdwn, text}) as nodes. */
export function textOf(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : lines(object.text);
}

/** Return plain words as nodes, line by line. */
export function lines(text) {
  return text.split("\n").flatMap((line, place) => (place ? [el("br"), line] : [line]));
}

/** Return a rich_text block as a node. */
export function richText(block) {
  return el("div.rich", {}, block.elements.map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_quote":
      return el("blockquote", {}, element.elements.map(inline));
    case "rich_text_preformatted":
      return el("pre", {}, element.elements.map(inline));
    case "rich_text_list":
      return el(element.style === "ordered" ? "ol" : "ul", {}, element.elements.map((one) => el("li", {}, part(one))));
    default:
      return el("div.rich-section", {}, element.elements.map(inline));
  }
}

function inline(element) {
  switch (element.type) {
    case "user":
      return mention(`@${nameOf(element.user_id)}`);
    case "channel":
      return mention(`#${channelOf(element.channel_id)?.name ?? element.channel_id}`);
    case "usergroup":
      return mention("@group");
    case "broadcast":
      return mention(`@${element.range}`);
    case "link":
      return link(element.url, element.text || element.url);
    case "emoji":
      return `:${element.name}:`;
    default:
      return styled(lines(element.text ?? ""), element.style ?? {});
  }
}

function styled(nodes, style) {
  let shown = nodes;
  if (style.code) shown = [el("code", {}, shown)];
  if (style.bold) shown = [el("strong", {}, shown)];
  if (style.italic) shown = [el("em", {}, shown)];
  if (style.strike) shown = [el("s", {}, shown)];
  return shown;
}

/** Return "14:05" for a ts or a number of seconds. */
export function clock(seconds) {
  return new Date(Number(seconds) * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** Return what was typed with its mentions as Slack sends them: "@Deletion Desk" → "<@UBOT>". */
export function withMentions(typed) {
  let text = typed;
  const known = store.slack.users.toSorted((a, b) => b.real_name.length - a.real_name.length);
  for (const one of known) {
    for (const name of [one.real_name, one.name]) {
      text = text.replace(new RegExp(`@${name}(?!\\w)`, "gi"), `<@${one.id}>`);
    }
  }
  return text;
}
