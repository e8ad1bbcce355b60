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
const compare = async (opened, cart, order) => {
  await opened.fill("#cart", cart);
  await write(opened, order);
};
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
  await opened.selectOption("#example", "cart");
  await opened.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  const wider = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${wider} pixels wider than the phone, with a cart's order`);
  await shot(opened, "phone-dark-cart");
});

// An order beside the cart's order: what differs, where it was taken from, and the right order.
await page({}, async (opened) => {
  await opened.selectOption("#example", "cart");
  assert.match(await read(opened, "verdict"), /A-1 is invalid/);
  assert.equal(await read(opened, "comparison"), "1 charge differs from the cart's order (amazon)");
  assert.match(await read(opened, "differences"), /right13\.9900taken from\/OrderItems\/0\/ItemPrice\/Amount as it is/);
  assert.deepEqual(await opened.locator("#cart-drawing mark").allTextContents(), ['"27.98"']);
  assert.deepEqual(await opened.locator("#drawing mark").allTextContents(), ['"27.98"']);
  const made = JSON.parse(await read(opened, "mapped-order"));
  assert.deepEqual([made.items[0].price, made.grand_total], ["13.9900", "33.97"]);
  assert.match(await opened.locator("#sources").textContent(), /\/grand_total.*from \/OrderTotal/);
  await shot(opened, "desktop-cart");
  const cart = await opened.inputValue("#cart");
  const order = await opened.inputValue("#order");
  // In a wrapper of the cart, the mark is at the same place.
  await compare(opened, `{"payload": {"Orders": [\n${cart}]}}`, order);
  assert.deepEqual(await opened.locator("#cart-drawing mark").allTextContents(), ['"27.98"']);
  await opened.click("#use-mapped");
  assert.match(await read(opened, "verdict"), /A-1 is valid/);
  assert.match(await read(opened, "comparison"), /^Every charge is that of the cart's order/);
  assert.equal(await opened.locator("#cart-drawing mark").count(), 0);
  // Without the CartRover order there is still the right one; without the cart's, nothing is compared.
  await write(opened, "");
  assert.deepEqual([await opened.isVisible("#compared"), await opened.isVisible("#mapped-order")], [false, true]);
  await compare(opened, "", order);
  assert.deepEqual([await opened.isVisible("#compared"), await opened.isVisible("#mapped")], [false, false]);
});

// Carts that cannot be compared, and hostile ones.
await page({}, async (opened) => {
  await opened.selectOption("#example", "cart");
  const cart = await opened.inputValue("#cart");
  const order = await opened.inputValue("#order");
  await compare(opened, cart.replace("33.97", "30.00"), order);
  assert.match(await read(opened, "comparison"), /There is nothing to compare with \(amazon\)/);
  assert.match(await read(opened, "mapped-note"), /33\.97/);
  assert.equal(await opened.isVisible("#copy-mapped"), false);
  await compare(opened, `[${cart}, ${cart.replace("A-1", "<b>\u202e")}]`, order.replace("A-1", "A-9"));
  assert.match(await read(opened, "comparison"), /No order of the cart is called A-9/);
  assert.match(await read(opened, "mapped-note"), /has 2 orders/);
  for (const text of ["{", "null", "[]", "\u0000", '{"a": ['.repeat(3000), '{"\u00e4\\"": 1, "b": [}', "x".repeat(1_100_000)]) {
    await compare(opened, text, order);
    assert.match(await read(opened, "comparison"), /cart's order|large file/);
  }
  assert.equal(await opened.locator("main b").count(), 0);
});

// A file that is dropped on the cart's field, and one that is opened.
await page({}, async (opened) => {
  await opened.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['{"AmazonOrderId": "D-1", "OrderItems": []}'], "cart.json"));
    document.getElementById("cart").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await opened.waitForTimeout(300);
  assert.match(await opened.inputValue("#cart"), /D-1/);
  assert.equal(await opened.inputValue("#order"), "");
  await opened.setInputFiles("#cart-file", { name: "c.json", mimeType: "application/json", buffer: Buffer.from('{"AmazonOrderId": "D-2"}') });
  await opened.waitForTimeout(300);
  assert.match(await opened.inputValue("#cart"), /D-2/);
});

for (const colorScheme of ["light", "dark"]) {
  await page({ axe: true, colorScheme }, async (opened) => {
    await opened.evaluate(axe);
    for (const fill of [() => write(opened, wrong), () => opened.selectOption("#example", "cart")]) {
      await fill();
      await opened.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      const { violations } = await opened.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    }
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
  await opened.selectOption("#example", "cart");
  await opened.click("#share");
  const both = await opened.evaluate(() => location.hash);
  const pair = [await opened.inputValue("#order"), await opened.inputValue("#cart")];
  await page({ hash: both }, async (other) => {
    assert.deepEqual([await other.inputValue("#order"), await other.inputValue("#cart")], pair);
    assert.match(await read(other, "comparison"), /1 charge differs/);
  });
  // Every control can be reached by keyboard, in the order of the page.
  const reached = [];
  await opened.focus("#order");
  for (let stop = 0; stop < 40; stop += 1) {
    reached.push(await opened.evaluate(() => document.activeElement.id));
    await opened.keyboard.press("Tab");
  }
  const stops = ["order", "example", "file", "share", "cart", "cart-file", "drawing", "cart-drawing", "mapped-order", "copy-mapped", "use-mapped"];
  assert.deepEqual(stops.filter((id) => !reached.includes(id)), []);
  const places = stops.map((id) => reached.indexOf(id));
  assert.deepEqual(places, [...places].sort((one, other) => one - other));
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
