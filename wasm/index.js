// Loads the module from beside this file, in Node, in browsers and in bundlers.

import { instantiate, OrderchargeError } from "./core.js";

export { instantiate, OrderchargeError };

let loading;

/** Loads the module and returns its functions. Later calls share the module; a failed load is tried again. */
export function load() {
  loading ??= read().then(instantiate).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function read() {
  const url = new URL("./ordercharge.wasm", import.meta.url);
  if (url.protocol !== "file:") return fetch(url);
  const { readFile } = await import("node:fs/promises");
  return readFile(url);
}
