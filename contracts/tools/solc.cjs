// npm's wasm build of solc behind the two commands of the native compiler that forge and py-solc-x use:
//   solc --version
//   solc --standard-json [--base-path DIR] [--include-path DIR]... [--allow-paths LIST] [FILE]
// Imports that are not in the input are read from the base path, then from each include path.
// --allow-paths is accepted and dropped: this compiler reads nothing but what an import names.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

function fail(message) {
  process.stderr.write(`solc: ${message}\n`);
  process.exit(1);
}

function parse(words) {
  const options = { version: false, standardJson: false, roots: [], input: "-" };
  const includes = [];
  while (words.length > 0) {
    const [, name, inline] = /^([^=]+)(?:=(.*))?$/s.exec(words.shift());
    const value = () => inline ?? words.shift() ?? fail(`${name} needs a value`);
    if (name === "--version") options.version = true;
    else if (name === "--standard-json") options.standardJson = true;
    else if (name === "--base-path") options.roots = [value()];
    else if (name === "--include-path") includes.push(value());
    else if (name === "--allow-paths") value();
    else if (name.startsWith("-") && name !== "-") fail(`this wrapper has no option ${name}`);
    else options.input = name;
  }
  options.roots = [...(options.roots.length ? options.roots : ["."]), ...includes];
  return options;
}

function reader(roots) {
  return (unit) => {
    for (const root of roots) {
      const file = path.resolve(root, unit);
      if (fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
    }
    return { error: `not found in ${roots.join(", ")}` };
  };
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function main() {
  const options = parse(process.argv.slice(2));
  if (!options.version && !options.standardJson) fail("give --version or --standard-json");
  const solc = require("../node_modules/solc");
  if (options.version) {
    process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
    return;
  }
  const source = options.input === "-" ? process.stdin : fs.createReadStream(options.input);
  process.stdout.write(solc.compile(await text(source), { import: reader(options.roots) }));
}

main().catch((error) => fail(error.stack));
