// Loads the module from beside this file, in Node, in browsers and in bundlers.

import { instantiate, OrderchargeError } from "./core.js";

export { instantiate, OrderchargeError };

let loading;

/** The functions. The module is loaded once. */
export function load() {
  loading ??= read().then(instantiate);
  return loading;
}

async function read() {
  const url = new URL("./ordercharge.wasm", import.meta.url);
  if (url.protocol !== "file:") return fetch(url);
  const { readFile } = await import("node:fs/promises");
  return readFile(url);
}
