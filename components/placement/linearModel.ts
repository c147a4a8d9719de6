/** A mixed-integer linear model in the making, written out in the CPLEX LP format that solvers read. */
export class LinearModel {
  readonly #rows: string[] = [];
  readonly #bounds: string[] = [];
  readonly #whole: string[] = [];
  #count = 0;

  /** A variable from 0 to `most`; whole unless it says otherwise. */
  variable(most: number, kind: "whole" | "real" = "whole"): string {
    const name = `v${this.#count++}`;
    this.#bounds.push(`0 <= ${name} <= ${most}`);
    if (kind === "whole") this.#whole.push(name);
    return name;
  }

  atMost(terms: Terms, limit: number): void {
    if (terms.length > 0) this.#rows.push(`${sum(terms)} <= ${limit}`);
  }

  atLeast(terms: Terms, limit: number): void {
    this.#rows.push(`${sum(terms)} >= ${limit}`);
  }

  /** The model with one thing to minimise. */
  minimise(terms: Terms): string {
    return [
      "Minimize",
      ` ${terms.length === 0 ? "0 v0" : sum(terms)}`,
      "Subject To",
      ...this.#rows.map((row) => ` ${row}`),
      "Bounds",
      ...this.#bounds.map((bound) => ` ${bound}`),
      "Generals",
      ` ${this.#whole.join(" ")}`,
      "End",
      "",
    ].join("\n");
  }
}

export type Terms = readonly (readonly [factor: number, variable: string])[];

function sum(terms: Terms): string {
  return terms.map(([factor, name]) => `${factor < 0 ? "-" : "+"} ${Math.abs(factor)} ${name}`).join(" ");
}

/** The value of some terms in a solution. */
export function totalOf(terms: Terms, values: Readonly<Record<string, number>>): number {
  return terms.reduce((total, [factor, name]) => total + factor * (values[name] ?? 0), 0);
}
