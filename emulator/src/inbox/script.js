// Updates the inbox page when messages arrive, and copies tokens. Content of messages is always set as
// text, never as HTML.
"use strict";

const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp", email: "Email" };

/** Announces an event to users of screen readers. */
function announce(text) {
  document.getElementById("news").textContent = text;
}

/** Whether a link is http or https. A link with another scheme could run a script or start a program. */
function isWebLink(link) {
  return /^https?:\/\//i.test(link);
}

/** Creates an element for a clickable link. */
function createAnchor(link) {
  const element = document.createElement("a");
  element.href = link;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  element.textContent = link;
  return element;
}

/** Splits a text so that its link can be clicked, if it is http or https. */
function withClickableLink(text, link) {
  const start = link ? text.indexOf(link) : -1;
  if (start < 0 || !isWebLink(link)) {
    return [text];
  }
  return [text.slice(0, start), createAnchor(link), text.slice(start + link.length)];
}

/** Creates the list item of a message. */
function createItem(message) {
  const template = document.getElementById("message");
  const element = template.content.firstElementChild.cloneNode(true);
  const find = (selector) => element.querySelector(selector);
  const isKnown = Object.hasOwn(CHANNELS, message.channel);
  element.dataset.id = message.id;
  element.dataset.channel = message.channel;
  find("use").setAttribute("href", `#icon-${isKnown ? message.channel : "sms"}`);
  find(".to").textContent = message.to;
  find(".channel").textContent = isKnown ? CHANNELS[message.channel] : message.channel;
  find(".text").append(...withClickableLink(message.text, message.link));
  find(".token code").textContent = message.token;
  find("[data-copy]").setAttribute("aria-label", `Copy token to ${message.to}`);
  const time = new Date(message.createdTime * 1000);
  find("time").dateTime = time.toISOString();
  find("time").title = time.toLocaleString();
  find("time").textContent = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (isWebLink(message.link)) {
    find(".open").href = message.link;
    find(".open").setAttribute("aria-label", `Open link to ${message.to}`);
  } else {
    find(".actions").remove();
  }
  return element;
}

/** Shows these messages, newest first. Items that are already shown are not touched. */
function updateList(messages, isFirst) {
  const list = document.getElementById("messages");
  const current = new Set(messages.map((message) => message.id));
  const shown = new Set();
  for (const element of [...list.children]) {
    if (current.has(element.dataset.id)) {
      shown.add(element.dataset.id);
    } else {
      element.remove();
    }
  }
  const added = messages.filter((message) => !shown.has(message.id));
  for (const message of added.toReversed()) {
    const element = createItem(message);
    element.classList.toggle("new", !isFirst);
    list.prepend(element);
  }
  document.getElementById("empty").hidden = messages.length > 0;
  if (!isFirst && added.length > 0) {
    const channel = CHANNELS[added[0].channel] ?? added[0].channel;
    announce(`New ${channel} message to ${added[0].to}`);
  }
}

/** Subscribes to the inbox. If the connection is lost, the browser reconnects. */
function subscribe() {
  const state = document.getElementById("state");
  const source = new EventSource(`/_emulator/messages/events${location.search}`);
  let isFirst = true;
  source.addEventListener("messages", (event) => {
    updateList(JSON.parse(event.data).messages, isFirst);
    isFirst = false;
  });
  source.addEventListener("open", () => {
    state.textContent = "Live";
    state.dataset.live = "yes";
  });
  source.addEventListener("error", () => {
    state.textContent = "The emulator does not respond";
    delete state.dataset.live;
  });
}

/** Copies the token beside a button. If the clipboard API is not allowed, uses the older command. */
async function copyToken(button) {
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) {
      announce("The token is selected: press Ctrl+C or Cmd+C to copy it");
      return;
    }
  }
  announce("Token copied");
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy token"), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    copyToken(button);
  }
});

if (document.getElementById("messages")) {
  subscribe();
}
