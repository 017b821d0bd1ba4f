// Fills the inbox as messages arrive, and copies tokens. All that came from outside is set as text.
"use strict";

const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp", email: "Email" };

/** Tells those who do not see the page what happened. */
function announce(text) {
  document.getElementById("news").textContent = text;
}

/** Whether a link leads to a page: one with another scheme could be a script, or start a program. */
function isWeb(link) {
  return /^https?:\/\//i.test(link);
}

function anchor(link) {
  const element = document.createElement("a");
  element.href = link;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  element.textContent = link;
  return element;
}

/** The text with its link as one that can be clicked, if it can. */
function linked(text, link) {
  const start = link ? text.indexOf(link) : -1;
  if (start < 0 || !isWeb(link)) {
    return [text];
  }
  return [text.slice(0, start), anchor(link), text.slice(start + link.length)];
}

/** The list item of a message. */
function item(message) {
  const template = document.getElementById("message");
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  const known = Object.hasOwn(CHANNELS, message.channel);
  element.dataset.id = message.id;
  element.dataset.channel = message.channel;
  part("use").setAttribute("href", `#icon-${known ? message.channel : "sms"}`);
  part(".to").textContent = message.to;
  part(".channel").textContent = known ? CHANNELS[message.channel] : message.channel;
  part(".text").append(...linked(message.text, message.link));
  part(".token code").textContent = message.token;
  part("[data-copy]").setAttribute("aria-label", `Copy token to ${message.to}`);
  const time = new Date(message.createdTime * 1000);
  part("time").dateTime = time.toISOString();
  part("time").title = time.toLocaleString();
  part("time").textContent = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (isWeb(message.link)) {
    part(".open").href = message.link;
    part(".open").setAttribute("aria-label", `Open link to ${message.to}`);
  } else {
    part(".actions").remove();
  }
  return element;
}

/** Makes the list show these messages, newest first, and leaves alone what it shows already. */
function show(messages, first) {
  const list = document.getElementById("messages");
  const wanted = new Set(messages.map((message) => message.id));
  const shown = new Set();
  for (const element of [...list.children]) {
    if (wanted.has(element.dataset.id)) {
      shown.add(element.dataset.id);
    } else {
      element.remove();
    }
  }
  const added = messages.filter((message) => !shown.has(message.id));
  for (const message of added.toReversed()) {
    const element = item(message);
    element.classList.toggle("new", !first);
    list.prepend(element);
  }
  document.getElementById("empty").hidden = messages.length > 0;
  if (!first && added.length > 0) {
    const channel = CHANNELS[added[0].channel] ?? added[0].channel;
    announce(`New ${channel} message to ${added[0].to}`);
  }
}

/** Follows the inbox; the browser itself connects again when the connection is lost. */
function follow() {
  const state = document.getElementById("state");
  const source = new EventSource("/_emulator/messages/events");
  let first = true;
  source.addEventListener("messages", (event) => {
    show(JSON.parse(event.data).messages, first);
    first = false;
  });
  source.addEventListener("open", () => {
    state.textContent = "Live";
    state.dataset.live = "yes";
  });
  source.addEventListener("error", () => {
    state.textContent = "The emulator does not answer";
    delete state.dataset.live;
  });
}

/** Copies the text beside a button, by the older way where the newer is not allowed. */
async function copy(button) {
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) {
      announce("The token is selected: copy it with the keyboard");
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
    copy(button);
  }
});

if (document.getElementById("messages")) {
  follow();
}
