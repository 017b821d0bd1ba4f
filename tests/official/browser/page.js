// What both pages share: which emulator they use, the token in their address, and long timers, which a test
// runs at once.

const query = new URLSearchParams(location.search);

export const options = {
  projectId: query.get('projectId'),
  baseUrl: query.get('baseUrl'),
  autoRefresh: true,
  persistTokens: true,
};

/** Takes the token of a magic link out of the address, so that a reload does not verify it again. */
export function takeToken() {
  const token = query.get('t');
  query.delete('t');
  history.replaceState(null, '', `?${query}`);
  return token;
}

// The packages refresh a session when it is about to expire, at least 20 s after they got it.
const LONG_DELAY_MS = 10_000;
const setTimer = window.setTimeout;
const clearTimer = window.clearTimeout;
const longTimers = new Map();
let lastTimer = 0;

window.setTimeout = (callback, delay, ...args) => {
  if (!(delay >= LONG_DELAY_MS)) {
    return setTimer(callback, delay, ...args);
  }
  lastTimer -= 1;
  longTimers.set(lastTimer, () => callback(...args));
  return lastTimer;
};
window.clearTimeout = (timer) => {
  longTimers.delete(timer);
  clearTimer(timer);
};

/** Runs all long timers. Returns how many there were. */
window.runLongTimers = () => {
  const callbacks = [...longTimers.values()];
  longTimers.clear();
  callbacks.forEach((callback) => callback());
  return callbacks.length;
};
