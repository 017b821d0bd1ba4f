// What every peer in Node shares: modes, concurrent calls, latencies. benches/README.md has the contract.

import { createInterface } from 'node:readline';

/** Ends the process when an answer is wrong. */
export function check(found, expected) {
  if (found !== expected) {
    console.error(`wrong answer: ${found}, not ${expected}`);
    process.exit(1);
  }
}

/** Does what the command line says; a scenario is an async function that makes one call. */
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

/** Node has one thread for its callers: a "thread" is a chain of promises. */
async function run(call, threads, calls) {
  const latencies = [];
  const chain = async () => {
    for (let left = calls; left > 0; left -= 1) {
      const before = process.hrtime.bigint();
      await call();
      latencies.push(Number(process.hrtime.bigint() - before));
    }
  };
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: threads }, chain));
  const wallNs = Number(process.hrtime.bigint() - began);
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return { calls: latencies.length, wallNs, p50Ns: at(0.5), p99Ns: at(0.99) };
}
