// Runs the modes of the Node peers and measures latencies. benches/README.md has the contract.

import { createInterface } from 'node:readline';

/** Exits with a message if a response is wrong. */
export function check(found, expected) {
  if (found !== expected) {
    console.error(`wrong response: ${found} instead of ${expected}`);
    process.exit(1);
  }
}

/** Runs the scenario and mode of the command line. A scenario is an async function that makes one call. */
export async function main(scenarios) {
  const [scenario, mode, count] = process.argv.slice(2);
  const call = scenarios[scenario];
  if (mode === 'serve') {
    console.log('ready');
    for await (const line of createInterface({ input: process.stdin })) {
      const [, threads, calls] = line.split(' ').map(Number);
      console.log(JSON.stringify(await run(call, threads, calls)));
    }
    process.exit(0);
  }
  for (let left = mode === 'once' ? 1 : Number(count); left > 0; left -= 1) await call();
  process.exit(0);
}

/** JavaScript runs on one thread, so a "thread" is a chain of promises. */
async function run(call, threads, calls) {
  const latencies = [];
  const chain = async () => {
    for (let left = calls; left > 0; left -= 1) {
      const before = process.hrtime.bigint();
      await call();
      latencies.push(Number(process.hrtime.bigint() - before));
    }
  };
  const started = process.hrtime.bigint();
  await Promise.all(Array.from({ length: threads }, chain));
  const wallNs = Number(process.hrtime.bigint() - started);
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return { calls: latencies.length, wallNs, p50Ns: percentile(0.5), p99Ns: percentile(0.99) };
}
