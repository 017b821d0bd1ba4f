#!/usr/bin/env node
// Runs the emulator with the same arguments, streams, signals and exit status.
"use strict";

const { spawn } = require("node:child_process");
const { findEmulator } = require("./index.js");

function fail(error) {
  console.error(`descope-ml-emulator: ${error.message}`);
  process.exit(1);
}

let program;
try {
  program = findEmulator();
} catch (error) {
  fail(error);
}
const emulator = spawn(program, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => emulator.kill(signal));
}
emulator.on("error", fail);
emulator.on("exit", (status) => process.exit(status ?? 1));
