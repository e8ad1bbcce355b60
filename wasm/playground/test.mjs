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
  assert.equal(await read(opened, "comparison"), "Differences from the cart's order (amazon): 1");
  assert.match(await read(opened, "differences"), /Amount as it is.*right13\.9900taken from\/OrderItems\/0\/ItemPrice\/AmountWhat OC401 means/s);
  assert.deepEqual(await opened.locator("#cart-drawing mark").allTextContents(), ['"27.98"']);
  assert.deepEqual(await opened.locator("#drawing mark").allTextContents(), ['"27.98"']);
  const made = JSON.parse(await read(opened, "mapped-order"));
  assert.deepEqual([made.items[0].price, made.grand_total], ["13.9900", "33.97"]);
  assert.match(await opened.locator("#sources").textContent(), /\/grand_total.*from \/OrderTotal/);
  await shot(opened, "desktop-cart");
  const cart = await opened.inputValue("#cart");
  const order = await opened.inputValue("#order");
  // In a wrapper of the cart, in a list, and beside copies of its fields the mark is at the same place.
  const start = (text) => opened.evaluate((text) => {
    const mark = document.querySelector("#cart-drawing mark");
    const range = document.createRange();
    range.setStart(document.getElementById("cart-drawing"), 0);
    range.setEndBefore(mark);
    return text.slice(range.toString().length).startsWith(mark.textContent) ? range.toString().length : -1;
  }, text);
  const other = cart.replace("A-1", "A-2");
  const copy = '"copy": {"OrderItems": [{"ItemPrice": {"Amount": "27.98"}}]}';
  for (const before of ['{"payload": {"Orders": [\n', `[${other},`, `{${copy}, "payload": {"Orders": [`]) {
    const text = before + cart + (before.startsWith("[") ? `,${other}]` : "]}}");
    await compare(opened, text, order);
    assert.deepEqual(await opened.locator("#cart-drawing mark").allTextContents(), ['"27.98"'], before);
    assert.equal(await start(text), before.length + cart.indexOf('"27.98"'), before);
  }
  await compare(opened, cart, order);
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
  assert.match(await read(opened, "mapped-note"), /has 2 orders; this is A-1\./);
  // An order that cannot be mapped is not replaced by another one.
  await compare(opened, `[${cart.replace("A-1", "A-0")}, ${cart.replace("33.97", "30.00")}]`, order);
  assert.match(await read(opened, "comparison"), /There is nothing to compare with \(amazon\)/);
  assert.match(await read(opened, "mapped-note"), /33\.97/);
  assert.equal(await opened.isVisible("#use-mapped"), false);
  const unreadable = {
    "{": /^the cart's order: line 1, column 2: expected/,
    null: /^the cart's order: line 1, column 1: expected an order/,
    "[]": /^no order found in the cart's order/,
    "\u0000": /^the cart's order: line 1, column 1: expected/,
    ['{"a": ['.repeat(3000)]: /^the cart's order: line 1, column \d+: .*128/,
    '{"\u00e4\\"": 1, "b": [}': /^the cart's order: line 1, column 18: expected a value/,
    ["x".repeat(1_100_000)]: /^This is a large file/,
  };
  for (const [text, message] of Object.entries(unreadable)) {
    await compare(opened, text, order);
    assert.match(await read(opened, "comparison"), message);
    assert.equal(await opened.locator("#differences article").count(), 0);
    assert.equal(await opened.isVisible("#use-mapped"), false);
  }
  assert.equal(await opened.locator("main b").count(), 0);
});

// Marks within others, and a line that is missing.
await page({}, async (opened) => {
  await opened.selectOption("#example", "cart");
  const cart = await opened.inputValue("#cart");
  const order = await opened.inputValue("#order");
  const line = cart.slice(cart.indexOf("{", cart.indexOf("[")), cart.lastIndexOf("}", cart.lastIndexOf("]")) + 1);
  const two = cart.replace(line, `${line}, ${line.replace("MUG", "CUP")}`).replace("33.97", "67.94");
  await compare(opened, two, order);
  assert.match(await read(opened, "comparison"), /\(amazon\): [2-9]$/);
  const marks = await opened.locator("#drawing mark").allTextContents();
  assert.ok(marks.includes('"27.98"') && marks.includes('[{ "item": "MUG", "quantity": 2, "price": "27.98" }]'), marks.join());
  assert.deepEqual(await opened.locator("#drawing mark mark").allTextContents(), ['"27.98"']);
  assert.equal(await opened.textContent("#drawing"), order);
});

// The results are in a status region that is never hidden.
await page({}, async (opened) => {
  assert.equal(await read(opened, "results"), "No order yet");
  await write(opened, wrong);
  assert.match(await read(opened, "results"), /JT-1099 is invalid.*Amounts written: 1\./);
  await opened.selectOption("#example", "cart");
  assert.match(await read(opened, "results"), /A-1 is invalid.*order \(amazon\): 1\. .*A right order, made with the table of amazon$/);
  assert.equal(await opened.locator("[role=status]:not(#shared)").count(), 1);
  assert.equal(await opened.locator("[hidden] [role=status]").count(), 0);
});

// More violations than are listed are counted.
await page({}, async (opened) => {
  const lines = Array.from({ length: 1500 }, () => '{"price": 4, "quantity": 2, "extended_amount": 4}');
  await write(opened, `{"sub_total": 6000, "grand_total": 6000, "items": [${lines}]}`);
  await opened.waitForFunction(() => /is invalid/.test(document.getElementById("verdict").textContent));
  assert.match(await read(opened, "findings"), /Broken rules: 1500/);
});

// As large an order as the page takes is shown to its end, and so is a cart's order in which everything differs.
await page({}, async (opened) => {
  const each = (count, line) => Array.from({ length: count }, (_, number) => line(number)).join(",");
  const field = async (id, text) => {
    await opened.evaluate(([id, text]) => {
      document.getElementById(id).value = text;
      document.getElementById(id).dispatchEvent(new Event("input"));
    }, [id, text]);
  };
  const shown = (text) => opened.waitForFunction((text) => document.getElementById("results").textContent.includes(text), text, { timeout: 0 });
  const count = 20_000;
  const large = `{"cust_ref": "\u00c4-L", "items": [${each(count, (at) => `{"quantity":-${at + 1},"price":"x"}`)}]}`;
  await field("order", large);
  await shown("\u00c4-L is invalid");
  assert.equal(await opened.textContent("#drawing"), large);
  assert.equal(await opened.locator("#drawing mark").count(), 2002);
  const lines = 250;
  const cart = `{"AmazonOrderId": "\u00c4", "OrderTotal": {"Amount": "${lines}.00"}, "OrderItems": [${each(lines, (at) => `{"SellerSKU":"${at}","QuantityOrdered":1,"ItemPrice":{"Amount":"1"}}`)}]}`;
  await field("cart", cart);
  await field("order", `{"cust_ref": "\u00c4", "items": [${each(lines, (at) => `{"item":"${at}","quantity":1,"price":"2"}`)}]}`);
  await shown("(amazon)");
  assert.equal(await read(opened, "comparison"), `Differences from the cart's order (amazon): ${lines}`);
  assert.equal(await opened.locator("#drawing mark").count(), lines);
  assert.equal(await opened.locator("#differences article").count(), 200);
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
  assert.equal(await opened.inputValue("#example"), "cart");
  assert.match(await read(opened, "comparison"), /: 1$/);
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
    assert.match(await read(other, "comparison"), /^Differences .*: 1$/);
  });
  // Every control that is shown can be reached by keyboard, in the order of the page.
  const count = await opened.evaluate(() => {
    const controls = document.querySelectorAll("textarea, select, input, button, summary, [tabindex]");
    const shown = [...controls].filter((control) => control.checkVisibility());
    shown.forEach((control, at) => (control.dataset.stop = at));
    return shown.length;
  });
  assert.ok(count > 12, `${count} controls`);
  await opened.focus("#order");
  for (let stop = 0; stop < count; stop += 1) {
    assert.equal(await opened.evaluate(() => document.activeElement.dataset.stop), String(stop));
    await opened.keyboard.press("Tab");
  }
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
