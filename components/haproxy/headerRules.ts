import type { HeadersSpec } from "../topology/index.js";
import type { HaproxyRule } from "./model.js";

export function headerRules({ set, remove }: HeadersSpec): HaproxyRule[] {
  return [
    ...remove.map((header) => ({ do: "removeHeader", header }) as const),
    ...Object.entries(set).map(([header, value]) => ({ do: "setHeader", header, value }) as const),
  ];
}
