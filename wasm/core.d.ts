/** An exact amount as a string: `"12.34"`. Numbers of JavaScript would lose digits. */
export type Amount = string;
export type Severity = "error" | "warning";

export interface Violation {
  rule: string;
  name: string;
  severity: Severity;
  /** A JSON Pointer into the order. */
  path: string;
  line: number | null;
  column: number | null;
  byte_start: number | null;
  byte_end: number | null;
  stated: Amount | null;
  expected: Amount | null;
  difference: Amount | null;
  formula: string | null;
  terms: Record<string, Amount>;
  message: string;
  diagnosis: number | null;
  /** Of the last entry of a rule with more than 1000: how many violations are not listed. It counts for all of them. */
  further?: number;
}

export interface Diagnosis {
  rank: number;
  certainty: "exact" | "likely";
  partial: boolean;
  mistakes: { name: string; paths: string[] }[];
  culprits: { path: string; stated: Amount | null; right: Amount | null }[];
  /** In the first rank: pointers to the amounts that it leaves as they are and that agree with each other. */
  witnesses: string[];
  message: string;
  remedy: string;
}

export interface Repair {
  applicability: "safe" | "unsafe";
  edits: { path: string; value: Amount }[];
  withheld: string | null;
}

/** A line and a column, from 1, then the first byte and the byte after the last one, from 0. */
export type Span = [line: number, column: number, start: number, end: number];

/** The record of one order; docs/output.md describes each key. */
export interface Report {
  format: 1;
  type: "order";
  source: string;
  index: number;
  line: number;
  cust_ref: string | null;
  currency: string | null;
  verdict: "valid" | "invalid" | "unreadable";
  error: string | null;
  violations: Violation[];
  diagnoses: Diagnosis[];
  repair: (Repair & { edits: { at: Span; text: string }[] }) | null;
  /** Amounts of an order with a violation, and where they are. */
  amounts: { path: string; amount: Amount; at: Span }[];
  identities: { held: number; broken: number; unchecked: { rule: string; path: string; reason: string }[] };
}

export interface Mapping {
  order_source: string | null;
  orders: number;
  broken: number;
  mistakes: { name: string; fields: string[]; explained: number; contradicted: number; free_amount: boolean }[];
  unexplained: number;
  sentence: string;
  remedy: string;
}

export interface Summary {
  format: 1;
  type: "summary";
  complete: boolean;
  orders: number;
  valid: number;
  invalid: number;
  unreadable: number;
  unchecked: number;
  violations: Record<string, number>;
  at_risk: Record<string, Amount | null>;
  repairable: number;
  mappings: Mapping[];
  /** What waivers and a baseline accept; only the command has them. */
  waivers: null;
  baseline: null;
  /** What the command could not read or write. Always empty here. */
  errors: string[];
  exit: 0 | 1 | 2;
}

export interface Policy {
  rounding?: "nearest" | "half-up" | "half-even" | "down" | "exact";
  severities?: Record<string, Severity | "off">;
  tolerances?: Record<string, Amount>;
}

export interface Fixed {
  format: 1;
  type: "fixed";
  text: string;
  orders: number;
  repaired: number;
  invalid: number;
  unreadable: number;
  repairs: ({ index: number } & Repair)[];
}

export type Explanation =
  | {
      kind: "rule";
      code: string;
      name: string;
      severity: Severity;
      formula: string;
      explanation: string;
      definition: string;
      remedy: string;
      example: string;
    }
  | {
      kind: "mistake";
      name: string;
      explanation: string;
      what: string;
      remedy: string;
      free_amount: boolean;
      example: string | null;
    }
  | {
      /** A finding of `compare`, such as OC401. */
      kind: "comparison";
      code: string;
      name: string;
      explanation: string;
      remedy: string;
    };

/** One thing of an order that is not what the cart's order says; docs/carts.md describes each key. */
export interface Difference {
  rule: string;
  /** A JSON Pointer into the CartRover order. */
  path: string;
  stated: string | null;
  right: string | null;
  /** A JSON Pointer into the cart's order: the place that the stated value is from. */
  taken_from: string | null;
  how: "as-is" | "sign-turned" | "minor-units" | "divided-by-quantity" | "multiplied-by-quantity" | "summed" | "rounded" | "tax-added" | "tax-taken-out" | "percentage" | "shared" | "follows" | null;
  message: string;
}

/** The record of an order that was compared with the cart's order. */
export interface Comparison {
  format: 1;
  type: "comparison";
  source: string;
  index: number;
  line: number;
  cust_ref: string | null;
  cart: string | null;
  verdict: "same" | "different" | "unmatched" | "unmappable";
  differences: Difference[];
  /** Only if `places` asks for it. */
  places?: Places;
}

/** The first byte and the byte after the last one, from 0, in the text as UTF-8. */
export type Bytes = [start: number, end: number];

/** Where a comparison points at. What is not there is null. */
export interface Places {
  /** The cart's order that was compared, in the cart's text. */
  cart_order: Bytes | null;
  /** For each difference, the value at `path` in the text of the order, and the value at `taken_from` in the cart's text. */
  differences: { path: Bytes | null; taken_from: Bytes | null }[];
}

export interface ComparisonSummary {
  format: 1;
  type: "summary";
  complete: boolean;
  pairs: number;
  same: number;
  different: number;
  unmatched: number;
  unmappable: number;
  fields: {
    field: string;
    taken_from: string | null;
    how: Difference["how"];
    orders: number;
    sentence: string;
    remedy: string;
  }[];
  /** What the command could not read or write. Always empty here. */
  errors: string[];
  exit: 0 | 1 | 2;
}

/** A CartRover order that was made from a cart's order: `text` is its JSON, `sources` where each amount comes from. */
export interface Mapped {
  format: 1;
  type: "mapped";
  source: string;
  index: number;
  line: number;
  cust_ref: string | null;
  cart: string;
  text: string;
  sources: { path: string; amount: Amount; arithmetic: string; taken_from: string[] }[];
  notes: { name: string; message: string }[];
}

/** An order of the cart that disagrees with itself, or that no table describes. */
export interface Unmapped {
  format: 1;
  type: "unmapped";
  source: string;
  index: number;
  line: number;
  cust_ref: string | null;
  cart: string | null;
  message: string;
  error: ({ kind: string } & Record<string, unknown>) | null;
}

export interface CartOptions {
  /** The name of the cart. By default it is recognised; `none` uses no table. */
  cart?: string;
  /** The text of a table of your own, in TOML. */
  cartTable?: string;
  /** The figures of an order that was edited after it was placed. */
  edited?: "original" | "current";
  /** The currency of an order with two. */
  money?: "usual" | "shop" | "presentment";
  source?: string;
}

/** JSON text, or its bytes. Objects are refused: numbers that went through `JSON.parse` have lost digits. */
export type Text = string | Uint8Array;

export interface Ordercharge {
  /** Checks one order. Input that is not an order has the verdict `unreadable`. */
  check(order: Text, options?: { policy?: Policy; source?: string }): Report;
  /** Checks orders in any container. Without `all`, only orders with a finding have a record. */
  checkAll(
    orders: Text,
    options?: { policy?: Policy; source?: string; all?: boolean },
  ): { records: Report[]; summary: Summary };
  /** Repairs orders. `unsafe` also writes the repair of a diagnosis. */
  fix(
    orders: Text,
    options?: { policy?: Policy; unsafe?: boolean; prefer?: string[]; recalculate?: boolean },
  ): Fixed;
  /** Compares an order with the cart's order that it was made from. */
  compare(cartOrder: Text, order: Text, options?: CartOptions & { cartSource?: string; places?: boolean }): Comparison;
  /** Compares orders with the cart's orders, joined by name. Without `all`, only what is not the same has a record. */
  compareAll(
    cartOrders: Text,
    orders: Text,
    options?: CartOptions & { cartSource?: string; all?: boolean },
  ): { comparisons: Comparison[]; summary: ComparisonSummary; errors: string[] };
  /** Makes right CartRover orders from a cart's orders. */
  map(cartOrders: Text, options?: CartOptions): { mapped: Mapped[]; unmapped: Unmapped[]; errors: string[] };
  /** Explains a mistake by name, or rules and findings of `compare` by code or name; without a name, all. */
  explain(name?: string): Explanation[];
  /** Orders to test with. */
  generate(options?: { count?: number; seed?: number; fault?: string }): string[];
  version(): string;
  /** Calls a function by its name and returns its result as a string. A record is the bytes that the command prints. */
  call(name: string, input?: Text, options?: object): string;
}

/** The call could not be done: a name is unknown, or the options are not understood. */
export class OrderchargeError extends Error {}

/** The functions of a `WebAssembly.Instance`. */
export function functions(instance: WebAssembly.Instance): Ordercharge;

/** The functions of a module, of its bytes, or of a response with its bytes. */
export function instantiate(
  source: WebAssembly.Module | BufferSource | Response | Promise<WebAssembly.Module | BufferSource | Response>,
): Promise<Ordercharge>;
