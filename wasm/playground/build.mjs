// Makes playground.html: the page with the module in it, so that it works from a file and asks for nothing.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const here = (name) => new URL(name, import.meta.url);
const [page, style, script, core, wasm] = await Promise.all([
  readFile(here("page.html"), "utf8"),
  readFile(here("page.css"), "utf8"),
  readFile(here("page.js"), "utf8"),
  readFile(here("../core.js"), "utf8"),
  readFile(here("../ordercharge.wasm")),
]);

const packed = gzipSync(wasm, { level: 9 }).toString("base64");
const code = `${core.replaceAll("export ", "")}\n${script}`.replaceAll("</script", "<\\/script");
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
// Nothing may be loaded, sent or submitted; only this script and this style run.
const policy = [
  "default-src 'none'",
  `script-src ${hash(code)} 'wasm-unsafe-eval'`,
  `style-src ${hash(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
const made = page
  .replace("{policy}", () => policy)
  .replace("{style}", () => style)
  .replace("{wasm}", () => packed)
  .replace("{script}", () => code);
await writeFile(here("playground.html"), made);
console.log(`playground.html: ${made.length} bytes`);
