import type * as pulumi from "@pulumi/pulumi";

/** The SDK's argument types as they arrive here: without inputs, promises and outputs. */
export type Plain<T> = pulumi.Unwrap<T>;

/** Marks what this plugin created, with the URN it was created for: so that what an interrupted run left is known. */
export const urnLabel = "pulumi.urn";

export interface Label {
  label: string;
  value: string;
}

/** The SDK's list of labels as Docker's map, with the mark of the resource. */
export function labelMap(labels: readonly Label[] | undefined, urn: string): Record<string, string> {
  const own = (labels ?? []).map(({ label, value }) => [label, value] as const);
  return { ...Object.fromEntries(own), [urnLabel]: urn };
}

/** Docker's map as the SDK's list, sorted, without the mark and without what the image brought. */
export function labelList(
  map: Readonly<Record<string, string>> | null | undefined,
  inherited: Readonly<Record<string, string>> | null = {},
): Label[] {
  return Object.entries(map ?? {})
    .filter(([label, value]) => label !== urnLabel && inherited?.[label] !== value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));
}
