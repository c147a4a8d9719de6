import type * as pulumi from "@pulumi/pulumi";

/**
 * The last word on the arguments of a component's child, for what the component itself has no argument for: either the
 * properties to set, or a function that is given the arguments and the options and returns the arguments to use.
 */
export type Transform<A extends object> =
  | Partial<A>
  | ((args: A, opts: pulumi.CustomResourceOptions, name: string) => A);

/** The constructor arguments of a child, after its {@link Transform}. */
export function transformed<A extends object>(
  transform: Transform<A> | undefined,
  name: string,
  args: A,
  opts: pulumi.CustomResourceOptions,
): [string, A, pulumi.CustomResourceOptions] {
  if (transform === undefined) return [name, args, opts];
  if (typeof transform === "function") return [name, transform(args, opts, name), opts];
  return [name, { ...args, ...transform }, opts];
}
