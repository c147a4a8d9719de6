import { type CheckFailure, unknown } from "../kit/index.js";

/** Collects what is wrong with a resource's inputs, so that all of it is reported at once. Unknown values pass. */
export class Mistakes {
  readonly failures: CheckFailure[] = [];

  /** Records a mistake at a path such as `connection.port`. */
  add(property: string, reason: string): void {
    this.failures.push({ property, reason });
  }

  /** A text that is there and not blank. `example` shows what is expected. True where its content can be looked at. */
  text(property: string, value: unknown, example: string): value is string {
    if (value === unknown) return false;
    if (typeof value === "string" && value.trim() !== "") return true;
    const found = value === undefined || value === null ? "is missing" : `is ${describe(value)}`;
    this.add(property, `${found}; expected ${example}`);
    return false;
  }

  /** An object with named values. True where its content can be looked at. */
  record(property: string, value: unknown, example: string): value is Record<string, unknown> {
    if (value === unknown) return false;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return true;
    this.add(
      property,
      `${value === undefined ? "is missing" : `is ${describe(value)}`}; expected ${example}`,
    );
    return false;
  }

  /** A list of texts, or nothing. Calls `each` for those whose content can be looked at. */
  texts(property: string, value: unknown, example: string, each: (item: string, path: string) => void): void {
    if (value === unknown || value === undefined) return;
    if (!Array.isArray(value)) {
      this.add(property, `is ${describe(value)}; expected a list of ${example}`);
      return;
    }
    value.forEach((item: unknown, index) => {
      const path = `${property}[${index}]`;
      if (this.text(path, item, example)) each(item, path);
    });
  }

  /** A whole number within bounds. Unknown and missing pass. */
  integer(property: string, value: unknown, lowest: number, highest: number): void {
    if (value === unknown || value === undefined) return;
    if (typeof value === "number" && Number.isInteger(value) && value >= lowest && value <= highest) return;
    this.add(property, `is ${describe(value)}; expected a whole number from ${lowest} to ${highest}`);
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return value.trim() === "" ? "empty" : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : value === null ? "null" : `of type ${typeof value}`;
}
