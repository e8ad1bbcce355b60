// The page: checks what is in the text field at every change, and shows the result. All text is inserted as text, never as HTML.

const EXAMPLES = [
  ["Discount with a minus sign", "order-discount-sign"],
  ["Price is the total of the line", "price-is-line-total"],
  ["Prices include the tax", "prices-include-tax"],
  ["Amounts in cents", "minor-units-on-lines"],
  ["Shipping left out of the total", "shipping-left-out"],
];
/** A cart's order, and an order that was made from it: the price is that of the whole line. */
const PAIR = {
  cart: `{
  "AmazonOrderId": "A-1",
  "OrderTotal": { "CurrencyCode": "USD", "Amount": "33.97" },
  "OrderItems": [
    {
      "SellerSKU": "MUG",
      "QuantityOrdered": 2,
      "ItemPrice": { "CurrencyCode": "USD", "Amount": "27.98" },
      "ShippingPrice": { "CurrencyCode": "USD", "Amount": "5.99" }
    }
  ]
}`,
  order: `{
  "cust_ref": "A-1",
  "currency_code": "USD",
  "shipping_handling": "5.99",
  "grand_total": "33.97",
  "items": [{ "item": "MUG", "quantity": 2, "price": "27.98" }]
}`,
};
const WITH_CART = "Price taken from the cart's line total";
const MOST = 1_000_000;
/** How many differences are listed; all of them are marked. */
const LISTED = 200;
const TOO_LARGE = "This is a large file: the command ordercharge checks it";
const at = (id) => document.getElementById(id);
const field = at("order");
const cartField = at("cart");

async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Characters that a reader would not see, or that change the direction of others, are shown by number. */
function visible(text) {
  const number = (char) => `\\u{${char.codePointAt(0).toString(16)}}`;
  return text.replace(/[\p{Cf}\p{Co}\p{Cc}]/gu, (char) => (/[\n\t\r]/.test(char) ? char : number(char)));
}

/** Text in which places (counted in bytes) are elements. A place within another one is an element within it. */
function marked(text, places, name) {
  const bytes = new TextEncoder().encode(text);
  const made = document.createDocumentFragment();
  const open = [{ node: made, to: bytes.length }];
  let end = 0;
  const write = (to) => {
    open.at(-1).node.append(visible(new TextDecoder().decode(bytes.subarray(end, to))));
    end = to;
  };
  const close = (from) => {
    while (open.length > 1 && open.at(-1).to <= from) {
      write(open.at(-1).to);
      open.pop();
    }
  };
  for (const { from, to, title } of [...places].sort((one, other) => one.from - other.from || other.to - one.to)) {
    close(from);
    const around = open.at(-1);
    if (to > around.to) continue;
    if (from === around.from && to === around.to) {
      // A list may be pointed at once for each of its lines.
      const all = around.node.title;
      if (all.length < 500 && !all.includes(title)) around.node.title = `${all}\n${title}`;
      continue;
    }
    write(from);
    const node = element(name);
    node.title = title;
    around.node.append(node);
    open.push({ node, from, to });
  }
  close(bytes.length);
  write(bytes.length);
  return made;
}

const place = (path) => path.slice(1).replace(/^items\/(\d+)\//, (_, line) => `line ${Number(line) + 1}, `) || "the order";

function pair(list, name, value) {
  if (value === null || value === "") return;
  list.append(element("dt", name), element("dd", visible(String(value))));
}

const rows = new Map();

function explained(ordercharge, name) {
  const details = element("details");
  if (!rows.has(name)) rows.set(name, ordercharge.explain(name)[0]);
  const row = rows.get(name);
  details.append(element("summary", `What ${name} means`));
  for (const part of row.explanation.split("\n\n")) details.append(element("p", part.replaceAll("`", "")));
  details.append(element("p", `What to change: ${row.remedy.replaceAll("`", "")}`));
  return details;
}

function diagnosis(ordercharge, found) {
  const article = element("article");
  article.append(element("h3", visible(found.message)));
  const list = element("dl");
  pair(list, "change", found.remedy.replaceAll("`", ""));
  for (const { path, stated, right } of found.culprits) {
    pair(list, place(path), `${stated ?? "unset"}, should be ${right ?? "another amount"}`);
  }
  pair(list, "certainty", found.certainty);
  article.append(list);
  for (const { name } of found.mistakes) article.append(explained(ordercharge, name));
  return article;
}

function violation(ordercharge, found) {
  const article = element("article", undefined, found.severity);
  article.append(element("h3", `${found.severity} ${found.rule}: ${visible(found.message)}`));
  const list = element("dl");
  pair(list, "place", `${place(found.path)}${found.line ? ` (line ${found.line} of the text)` : ""}`);
  pair(list, "formula", found.formula);
  article.append(list, explained(ordercharge, found.rule));
  return article;
}

function findings(ordercharge, report) {
  const nodes = [];
  const first = report.diagnoses.filter((found) => found.rank === 1);
  if (first.length > 1) nodes.push(element("p", "The figures of this order fit each of these:"));
  for (const found of first) nodes.push(diagnosis(ordercharge, found));
  if (report.violations.length > 0) {
    const rules = element(first.length > 0 ? "details" : "div");
    const count = report.violations.reduce((sum, found) => sum + (found.further ?? 1), 0);
    if (first.length > 0) rules.append(element("summary", `Broken rules: ${count}`));
    for (const found of report.violations) rules.append(violation(ordercharge, found));
    nodes.push(rules);
  }
  const { unchecked } = report.identities;
  if (unchecked.length > 0) {
    const list = element("dl");
    for (const { path, reason } of unchecked) pair(list, place(path), reason);
    const details = element("details");
    details.append(element("summary", `Totals that could not be checked: ${unchecked.length}`), list);
    nodes.push(details);
  }
  return nodes;
}

/** Two buttons for a text: one copies it, the other one puts it into the field of the order. */
function offer(ordercharge, text, copy, use, note) {
  at(copy).onclick = () => copied(text, note);
  at(use).onclick = () => {
    field.value = text;
    show(ordercharge);
    field.focus();
  };
}

/** The repaired text, in which the amounts that were written are marked. */
function showRepair(ordercharge, text, report) {
  const { text: fixed, repaired } = ordercharge.fix(text, { unsafe: true });
  at("repair").hidden = false;
  for (const id of ["repaired", "copy", "use"]) at(id).hidden = repaired === 0;
  if (repaired === 0) {
    at("repair-note").textContent = `Nothing is written: ${report.repair.withheld}.`;
    return;
  }
  at("repair-note").textContent = `Amounts written: ${report.repair.edits.length}. Every other byte is as it was.`;
  at("repaired").replaceChildren(marked(fixed, written(report.repair.edits), "ins"));
  offer(ordercharge, fixed, "copy", "use", "The repaired order is copied.");
}

/** Where the edits of a repair are in the repaired text, in bytes. */
function written(edits) {
  let shift = 0;
  return [...edits]
    .sort((one, other) => one.at[2] - other.at[2])
    .map(({ at: [, , start, end], text }) => {
      const [from, length] = [start + shift, new TextEncoder().encode(text).length];
      shift += length - (end - start);
      return { from, to: from + length, title: "written" };
    });
}

/**
 * The places that the first diagnoses blame, and those of violations that no diagnosis explains, in bytes. A broken total is
 * not marked if a diagnosis says that the total is right and another amount is wrong.
 */
function blamed(report) {
  const stated = new Map(report.amounts.map(({ path, at: [, , from, to] }) => [path, { from, to }]));
  const first = report.diagnoses.filter((found) => found.rank === 1);
  const culprits = first.flatMap(({ culprits, message }) =>
    culprits.filter(({ path }) => stated.has(path)).map(({ path }) => ({ ...stated.get(path), title: message })),
  );
  const others = report.violations.filter((found) => found.diagnosis === null && found.byte_start !== null);
  const broken = others.map((found) => ({ from: found.byte_start, to: found.byte_end, title: `${found.rule}: ${found.message}` }));
  return [...culprits, ...broken];
}

/** The places of a text that differences point at: those at `path` or at `taken_from`. */
function pointed(compared, key) {
  if (compared === null) return [];
  const all = compared.differences.map(({ message: title }, at) => ({ at: compared.places.differences[at][key], title }));
  return all.filter(({ at }) => at !== null).map(({ at: [from, to], title }) => ({ from, to, title }));
}

function difference(ordercharge, found) {
  const article = element("article");
  article.append(element("h3", `${found.rule}: ${visible(found.message)}`));
  const list = element("dl");
  pair(list, "place", found.path);
  pair(list, "stated", found.stated);
  pair(list, "right", found.right);
  pair(list, "taken from", found.taken_from);
  article.append(list, explained(ordercharge, found.rule));
  return article;
}

/** Compares the order with the cart's, and returns what differs; null if they cannot be compared. */
function showComparison(ordercharge, cart, order) {
  const line = at("comparison");
  at("compared").hidden = false;
  let compared;
  try {
    compared = ordercharge.compare(cart, order, { source: "order", cartSource: "the cart's order", places: true });
  } catch (error) {
    line.className = "unreadable";
    line.textContent = visible(error.message);
    return null;
  }
  const { verdict, differences, cart: name } = compared;
  const of = name === null ? "" : ` (${name})`;
  const words = {
    same: `Every charge is that of the cart's order${of}`,
    different: `Differences from the cart's order${of}: ${differences.length}`,
    unmatched: `No order of the cart is called ${compared.cust_ref ?? "as this one"}`,
    unmappable: `There is nothing to compare with${of}`,
  };
  line.className = verdict;
  line.textContent = visible(words[verdict]);
  const listed = differences.slice(0, LISTED).map((found) => difference(ordercharge, found));
  if (differences.length > LISTED) listed.push(element("p", `Only the first ${LISTED} are listed; all of them are marked.`));
  at("differences").replaceChildren(...listed);
  return compared;
}

/** Where each amount of a mapped order comes from. */
function sources({ sources: all, notes }) {
  const details = element("details");
  details.append(element("summary", "How each amount is calculated"));
  const list = element("dl");
  for (const { path, amount, arithmetic, taken_from: places } of all) {
    pair(list, path, `${amount} = ${arithmetic}${places.length > 0 ? `, from ${places.join(", ")}` : ""}`);
  }
  details.append(list);
  return [...notes.map(({ message }) => element("p", visible(message))), details];
}

/** The order that `map` makes of the cart's order that was compared; without one, of the first that it can. */
function showMapped(ordercharge, cart, compared) {
  const place = compared?.places.cart_order ?? null;
  const text = place === null ? cart : new TextEncoder().encode(cart).subarray(...place);
  const { mapped, unmapped, errors } = ordercharge.map(text, { source: "the cart's order" });
  const [made] = mapped;
  at("mapped").hidden = false;
  for (const id of ["mapped-order", "copy-mapped", "use-mapped"]) at(id).hidden = made === undefined;
  if (made === undefined) {
    at("mapped-note").textContent = visible(unmapped[0]?.message ?? errors[0]);
    return;
  }
  // Its amounts are strings, so nothing is lost.
  const order = JSON.stringify(JSON.parse(made.text), null, 2);
  const others = mapped.length > 1 ? ` The cart's text has ${mapped.length} orders; this is ${visible(made.cust_ref ?? "the first")}.` : "";
  at("mapped-note").textContent = `A right order, made with the table of ${made.cart}.${others}`;
  at("mapped-order").textContent = visible(order);
  at("sources").replaceChildren(...sources(made));
  offer(ordercharge, order, "copy-mapped", "use-mapped", "The order is copied.");
}

/** All that the cart's order says, and what differs. */
function showCart(ordercharge, order, report) {
  for (const id of ["compared", "cart-drawing-side", "mapped"]) at(id).hidden = true;
  for (const id of ["differences", "sources"]) at(id).replaceChildren();
  const cart = cartField.value;
  if (cart.trim() === "") return null;
  if (cart.length > MOST) {
    at("compared").hidden = false;
    at("comparison").className = "";
    at("comparison").textContent = TOO_LARGE;
    return null;
  }
  const compared = report === null ? null : showComparison(ordercharge, cart, order);
  showMapped(ordercharge, cart, compared);
  at("cart-drawing-side").hidden = false;
  at("cart-drawing").replaceChildren(marked(cart, pointed(compared, "taken_from"), "mark"));
  return compared;
}

/** Tells a screen reader the results: its region is never hidden, so that each change of it is read out. */
function announce() {
  const parts = ["verdict", "comparison", "repair-note", "mapped-note"].map(at);
  const shown = parts.filter((part) => part.closest("[hidden]") === null && part.textContent !== "");
  const text = shown.map((part) => part.textContent.replace(/\.$/, "")).join(". ");
  if (at("results").textContent !== text) at("results").textContent = text;
}

function show(ordercharge) {
  draw(ordercharge);
  announce();
}

function draw(ordercharge) {
  const text = field.value;
  const verdict = at("verdict");
  at("findings").replaceChildren();
  at("drawing").replaceChildren();
  at("repair").hidden = true;
  verdict.className = "";
  if (text.trim() === "" || text.length > MOST) {
    verdict.textContent = text.length > MOST ? TOO_LARGE : "No order yet";
    showCart(ordercharge, text, null);
    return;
  }
  const report = ordercharge.check(text);
  verdict.className = report.verdict;
  if (report.verdict === "unreadable") {
    verdict.textContent = `Unreadable: ${visible(report.error)}`;
    at("drawing").append(marked(text, [], "mark"));
    showCart(ordercharge, text, null);
    return;
  }
  const { held, broken, unchecked } = report.identities;
  const reference = report.cust_ref === null ? "" : ` ${visible(report.cust_ref)}`;
  verdict.textContent = `Order${reference} is ${report.verdict}. Totals held: ${held}, broken: ${broken}, not checked: ${unchecked.length}`;
  at("findings").append(...findings(ordercharge, report));
  const compared = showCart(ordercharge, text, report);
  at("drawing").append(marked(text, [...blamed(report), ...pointed(compared, "path")], "mark"));
  if (report.repair !== null) showRepair(ordercharge, text, report);
}

async function copied(text, note) {
  try {
    await navigator.clipboard.writeText(text);
    at("shared").textContent = note;
  } catch {
    at("shared").textContent = "The browser did not allow copying.";
  }
}

/** A text in the part of the address after `#`, which browsers do not send. The cart's order follows a dot. */
function packed(text) {
  const binary = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function unpacked(hash) {
  try {
    const bytes = Uint8Array.from(atob(hash.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function main() {
  const ordercharge = await instantiate(await unpack(at("wasm").textContent.trim()));
  const refresh = () => show(ordercharge);
  const open = async (file, into) => {
    const large = file.size > MOST;
    into.value = large ? "" : await file.text();
    refresh();
    if (large) at(into === field ? "verdict" : "shared").textContent = TOO_LARGE;
    announce();
  };
  let waiting;
  for (const text of [field, cartField]) {
    text.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(refresh, 150);
    });
  }
  at("example").append(new Option(WITH_CART, "cart"));
  for (const [title, name] of EXAMPLES) at("example").append(new Option(title, name));
  at("example").addEventListener("change", ({ target }) => {
    if (target.value === "") return;
    const pair = target.value === "cart";
    field.value = pair ? PAIR.order : (ordercharge.explain(target.value)[0].example ?? "");
    cartField.value = pair ? PAIR.cart : "";
    refresh();
  });
  at("file").addEventListener("change", ({ target }) => target.files[0] && open(target.files[0], field));
  at("cart-file").addEventListener("change", ({ target }) => target.files[0] && open(target.files[0], cartField));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("drop");
  });
  addEventListener("dragleave", () => document.body.classList.remove("drop"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("drop");
    const [file] = event.dataTransfer.files;
    if (file) open(file, at("cart-side").contains(event.target) ? cartField : field);
  });
  at("share").addEventListener("click", () => {
    if (field.value.length + cartField.value.length > 20_000) {
      at("shared").textContent = "This order is too long for a link.";
      return;
    }
    location.hash = packed(field.value) + (cartField.value === "" ? "" : `.${packed(cartField.value)}`);
    copied(location.href, "The link is copied. It contains everything in the two fields.");
  });
  const arrive = () => {
    const shared = location.hash.slice(1).split(".").map(unpacked);
    const there = location.hash.length > 1;
    const right = there && shared.length <= 2 && !shared.includes(null);
    if (right) [field.value, cartField.value = ""] = shared;
    if (there && !right) at("shared").textContent = "The link does not contain an order.";
    refresh();
  };
  addEventListener("hashchange", arrive);
  arrive();
}

main().catch((error) => {
  at("verdict").textContent = `This browser cannot run the check: ${error.message}`;
  announce();
});
