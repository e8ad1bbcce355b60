// Opens the page in Chromium: it asks for nothing, its style is applied, axe finds nothing, the filter works without scripts.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [folder, pictures] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", ...quiet, "--disable-component-update", "--disable-sync"],
});
const page_url = `file://${resolve(join(folder, "report.html"))}`;
const failures = [];
const expect = (holds, what) => holds || failures.push(what);

const looks = {
  light: { colorScheme: "light", viewport: { width: 1100, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1100, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};
for (const [name, look] of Object.entries(looks)) {
  // The page has no scripts and allows none; `bypassCSP` is for axe only.
  for (const bypassCSP of [false, true]) {
    const context = await browser.newContext({ ...look, bypassCSP, javaScriptEnabled: bypassCSP });
    const page = await context.newPage();
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => failures.push(`${name}: ${message.text()}`));
    await page.goto(page_url);
    expect(requests.length === 1, `${name}: requests ${requests}`);
    if (!bypassCSP) {
      const summaries = page.locator("details > summary");
      expect((await summaries.count()) > 0, `${name}: no order`);
      await summaries.first().click();
      expect(await page.locator("details table").first().isVisible(), `${name}: an order does not open`);
      const sections = page.locator(".groups > section");
      const all = await sections.count();
      await page.locator("nav a").nth(1).click();
      let shown = 0;
      for (const section of await sections.all()) shown += (await section.isVisible()) ? 1 : 0;
      expect(all > 1 && shown === 1, `${name}: the filter shows ${shown} of ${all} groups`);
      await page.locator("nav a").first().click();
      if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: false });
    } else {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide <= 0, `${name}: ${wide} pixels too wide`);
      const color = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(color === (name === "dark" ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)"), `${name}: background ${color}`);
      await page.evaluate(() => document.querySelectorAll("details").forEach((order, at) => (order.open = at < 3)));
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
      for (const { id, help, nodes } of violations) failures.push(`${name}: axe ${id}: ${help}: ${nodes[0].html}`);
      expect(passes.length > 20, `${name}: axe looked at ${passes.length} rules only`);
    }
    await context.close();
  }
}
const context = await browser.newContext({ javaScriptEnabled: false });
const page = await context.newPage();
await page.goto(page_url);
const pdf = await page.pdf({ format: "A4", path: pictures && join(pictures, "print.pdf") });
expect(pdf.length > 20_000, "nothing is printed");
const scripts = await page.locator("script, link, img, iframe, object, form").count();
expect(scripts === 0, `${scripts} elements that a page without scripts does not need`);
await browser.close();
if (failures.length > 0) {
  console.error(`failed:\n${failures.join("\n")}`);
  process.exit(1);
}
console.log("page: no request, no script, no axe violation in light, dark and phone; the filter works; it prints");
