// Tests the page in headless Chromium, from a file: `node playground/test.mjs [FOLDER FOR SCREENSHOTS]`. CHROMIUM names the browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const url = new URL("playground.html", import.meta.url).href;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = process.argv[2];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let passed = 0;

async function page(options, work) {
  // axe is put into the page by the test, which the policy of the page would not allow.
  const context = await browser.newContext({ ...options, bypassCSP: options.axe ?? false });
  const opened = await context.newPage();
  const asked = [];
  const failed = [];
  opened.on("request", (request) => asked.push(request.url().split("#")[0]));
  opened.on("pageerror", (error) => failed.push(error.message));
  opened.on("console", (message) => message.type() === "error" && failed.push(message.text()));
  await opened.goto(url + (options.hash ?? ""));
  await opened.waitForFunction(() => document.getElementById("verdict").textContent !== "Loading");
  await work(opened);
  assert.deepEqual(asked, asked.filter((request) => request === url), "only the page itself is asked for");
  assert.deepEqual(failed, []);
  await context.close();
  passed += 1;
}

const write = async (opened, text) => {
  await opened.fill("#order", text);
  await opened.waitForTimeout(300);
};
const shot = (opened, name) => folder && opened.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
const read = (opened, id) => opened.textContent(`#${id}`);
const wrong = await readFile(new URL("../../samples/discount-sign.json", import.meta.url), "utf8");

await page({}, async (opened) => {
  assert.equal(await read(opened, "verdict"), "No order yet");
  await write(opened, wrong);
  assert.match(await read(opened, "verdict"), /JT-1099 is invalid/);
  assert.match(await read(opened, "findings"), /order_discount has a minus sign/);
  // The culprit is marked; grand_total, which the broken rule is about, is right.
  assert.deepEqual(await opened.locator("#drawing mark").allTextContents(), ['"-5.35"']);
  assert.deepEqual(await opened.locator("#repaired ins").allTextContents(), ['"5.35"']);
  await shot(opened, "desktop");
  await opened.click("#use");
  assert.match(await read(opened, "verdict"), /is valid/);
});

await page({ viewport: { width: 360, height: 740 }, colorScheme: "dark" }, async (opened) => {
  await write(opened, wrong);
  const wide = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels wider than the phone`);
  await shot(opened, "phone-dark");
});

for (const colorScheme of ["light", "dark"]) {
  await page({ axe: true, colorScheme }, async (opened) => {
    await write(opened, wrong);
    await opened.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    await opened.evaluate(axe);
    const { violations } = await opened.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
  });
}

// Hostile text is text.
await page({}, async (opened) => {
  await write(opened, '{"cust_ref": "<img src=x onerror=alert(1)>\u202e</script>", "grand_total": 6, "items": [{"quantity": 2, "price": 2.5}]}');
  assert.match(await read(opened, "verdict"), /<img src=x onerror=alert\(1\)>\\u\{202e\}/);
  assert.equal(await opened.locator("img").count(), 0);
  for (const text of ["{", "null", "[]", "\u0000", '{"items": ['.repeat(3000), "x".repeat(1_100_000)]) {
    await write(opened, text);
    assert.match(await read(opened, "verdict"), /Unreadable|large file/);
  }
  await write(opened, "");
  assert.equal(await read(opened, "verdict"), "No order yet");
});

// By keyboard alone, and shared by a link.
await page({}, async (opened) => {
  await opened.keyboard.press("Tab");
  assert.equal(await opened.evaluate(() => document.activeElement.id), "order");
  await opened.keyboard.press("Tab");
  assert.equal(await opened.evaluate(() => document.activeElement.id), "example");
  await opened.keyboard.press("ArrowDown");
  await opened.keyboard.press("Enter");
  await opened.selectOption("#example", "price-is-line-total");
  assert.match(await read(opened, "verdict"), /is invalid/);
  await opened.focus("#share");
  await opened.keyboard.press("Enter");
  const hash = await opened.evaluate(() => location.hash);
  const order = await opened.inputValue("#order");
  await page({ hash }, async (other) => {
    assert.equal(await other.inputValue("#order"), order);
    assert.match(await read(other, "verdict"), /is invalid/);
  });
});
await page({ hash: "#%%%" }, async (opened) => assert.equal(await read(opened, "shared"), "The link does not contain an order."));

// A file that is dropped.
await page({}, async (opened) => {
  await opened.setInputFiles("#file", fileURLToPath(new URL("../../samples/discount-sign.json", import.meta.url)));
  await opened.waitForTimeout(300);
  assert.match(await read(opened, "verdict"), /JT-1099/);
});

await browser.close();
console.log(`${passed} passed, 0 failed`);
