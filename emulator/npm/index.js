// Finds the program of this package for this platform.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const PROGRAMS = path.join(__dirname, "bin");

/** The platform, as the folders in bin are named: linux-x64, linux-arm64-musl, darwin-arm64, … */
function platform() {
  const isMusl =
    process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${process.platform}-${process.arch}${isMusl ? "-musl" : ""}`;
}

/**
 * The path of the program.
 *
 * @returns {string}
 * @throws {Error} if this package has none for this platform
 */
function findEmulator() {
  const name = process.platform === "win32" ? "descope-ml-emulator.exe" : "descope-ml-emulator";
  const program = path.join(PROGRAMS, platform(), name);
  if (!fs.existsSync(program)) {
    const others = fs.readdirSync(PROGRAMS).sort().join(", ");
    throw new Error(
      `this package has no program for ${platform()}, only for ${others}: ` +
        "build it from the source with `cargo install --path emulator`",
    );
  }
  return program;
}

module.exports = { findEmulator, platform };
