// The page: checks what is in the text field at every change, and shows the result. All text is inserted as text, never as HTML.

const EXAMPLES = [
  ["Discount with a minus sign", "order-discount-sign"],
  ["Price is the total of the line", "price-is-line-total"],
  ["Prices include the tax", "prices-include-tax"],
  ["Amounts in cents", "minor-units-on-lines"],
  ["Shipping left out of the total", "shipping-left-out"],
];
const MOST = 1_000_000;
const TOO_LARGE = "This is a large file: the command ordercharge checks it";
const at = (id) => document.getElementById(id);
const field = at("order");

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

/** Text as nodes, in which places (counted in bytes) are elements. */
function marked(text, places, name) {
  const bytes = new TextEncoder().encode(text);
  const decode = (from, to) => visible(new TextDecoder().decode(bytes.subarray(from, to)));
  const nodes = [];
  let end = 0;
  for (const { from, to, title } of [...places].sort((one, other) => one.from - other.from)) {
    if (from < end || to > bytes.length) continue;
    nodes.push(document.createTextNode(decode(end, from)));
    const mark = element(name, decode(from, to));
    if (title) mark.title = title;
    nodes.push(mark);
    end = to;
  }
  nodes.push(document.createTextNode(decode(end, bytes.length)));
  return nodes;
}

const place = (path) => path.slice(1).replace(/^items\/(\d+)\//, (_, line) => `line ${Number(line) + 1}, `) || "the order";

function pair(list, name, value) {
  if (value === null || value === "") return;
  list.append(element("dt", name), element("dd", visible(String(value))));
}

function explained(ordercharge, name) {
  const details = element("details");
  const [row] = ordercharge.explain(name);
  details.append(element("summary", `What ${name} means`));
  for (const part of row.explanation.split("\n\n")) details.append(element("p", part));
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
    if (first.length > 0) rules.append(element("summary", `Broken rules: ${report.violations.length}`));
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
  at("repaired").replaceChildren(...marked(fixed, written(report.repair.edits), "ins"));
  at("copy").onclick = () => copied(fixed, "The repaired order is copied.");
  at("use").onclick = () => {
    field.value = fixed;
    show(ordercharge);
    field.focus();
  };
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

function show(ordercharge) {
  const text = field.value;
  const verdict = at("verdict");
  at("findings").replaceChildren();
  at("drawing").replaceChildren();
  at("repair").hidden = true;
  verdict.className = "";
  if (text.trim() === "" || text.length > MOST) {
    verdict.textContent = text.length > MOST ? TOO_LARGE : "No order yet";
    return;
  }
  const report = ordercharge.check(text);
  verdict.className = report.verdict;
  if (report.verdict === "unreadable") {
    verdict.textContent = `Unreadable: ${visible(report.error)}`;
    at("drawing").append(...marked(text, [], "mark"));
    return;
  }
  const { held, broken, unchecked } = report.identities;
  const reference = report.cust_ref === null ? "" : ` ${visible(report.cust_ref)}`;
  verdict.textContent = `Order${reference} is ${report.verdict}. Totals: ${held} hold, ${broken} broken, ${unchecked.length} not checked`;
  at("findings").append(...findings(ordercharge, report));
  const places = blamed(report);
  at("drawing").append(...marked(text, places, "mark"));
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

/** The order in the part of the address after `#`, which browsers do not send. */
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
  const open = async (file) => {
    field.value = file.size > MOST ? "" : await file.text();
    refresh();
    if (file.size > MOST) at("verdict").textContent = TOO_LARGE;
  };
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 150);
  });
  for (const [title, name] of EXAMPLES) at("example").append(new Option(title, name));
  at("example").addEventListener("change", ({ target }) => {
    if (target.value === "") return;
    field.value = ordercharge.explain(target.value)[0].example ?? "";
    refresh();
  });
  at("file").addEventListener("change", ({ target }) => target.files[0] && open(target.files[0]));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("drop");
  });
  addEventListener("dragleave", () => document.body.classList.remove("drop"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("drop");
    const [file] = event.dataTransfer.files;
    if (file) open(file);
  });
  at("share").addEventListener("click", () => {
    if (field.value.length > 20_000) {
      at("shared").textContent = "This order is too long for a link.";
      return;
    }
    location.hash = packed(field.value);
    copied(location.href, "The link is copied. It contains the whole order.");
  });
  const arrive = () => {
    const shared = location.hash.length > 1 ? unpacked(location.hash.slice(1)) : null;
    if (shared !== null) field.value = shared;
    if (location.hash.length > 1 && shared === null) at("shared").textContent = "The link does not contain an order.";
    refresh();
  };
  addEventListener("hashchange", arrive);
  arrive();
}

main().catch((error) => {
  at("verdict").textContent = `This browser cannot run the check: ${error.message}`;
});
