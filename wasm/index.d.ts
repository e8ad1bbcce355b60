import type { Ordercharge } from "./core.js";

export * from "./core.js";

/** The functions. The module is loaded once. */
export function load(): Promise<Ordercharge>;
