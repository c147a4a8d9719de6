import type { Problem } from "../../../components/placement/index.js";
import { generator } from "./instances.js";

/** Sizes of the vector bin packing classes of Caprara and Toth (2001), in thousandths of a machine, two resources. */
const classes = [
  { name: "CL_1", least: 100, most: 400 },
  { name: "CL_2", least: 1, most: 1000 },
  { name: "CL_3", least: 200, most: 800 },
  { name: "CL_4", least: 50, most: 200 },
  { name: "CL_5", least: 25, most: 100 },
] as const;

/**
 * Vector bin packing instances that a proof is wanted for: the class by turns, 10 to 40 items, as many machines as items.
 * @param index from 0; which class and how many items, and the random numbers' seed.
 */
export function smallInstance(index: number): Problem & { readonly class: string } {
  const { name, least, most } = classes[index % classes.length]!;
  const random = generator(7_000 + index);
  const count = 10 + (Math.floor(index / classes.length) % 4) * 10;
  return {
    class: name,
    prefer: "pack",
    machines: Array.from({ length: count }, (_, machine) => ({
      name: `m-${machine + 1}`,
      capacity: { cpus: 1, memoryBytes: 1000 * 2 ** 20, diskBytes: 0 },
    })),
    services: Array.from({ length: count }, (_, item) => ({
      name: `c-${item + 1}`,
      replicas: 1,
      requests: { cpus: random(least, most) / 1000, memoryBytes: random(least, most) * 2 ** 20 },
    })),
  };
}
