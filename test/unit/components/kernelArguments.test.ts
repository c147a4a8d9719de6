import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kernelArguments } from "../../../components/kernelArguments.js";

describe("kernelArguments", () => {
  test("values by name, sorted; those without a value at the end", () => {
    expect(kernelArguments("root=LABEL=root rw quiet console=ttyS0")).toEqual([
      { console: "ttyS0", root: "LABEL=root" },
      { _: "rw quiet" },
    ]);
    expect(kernelArguments("console=tty0 console=ttyS0")).toEqual([
      { console: "tty0" },
      { console: "ttyS0" },
    ]);
    expect(kernelArguments("  ")).toEqual([]);
  });

  test("no argument is lost or made up", () => {
    const name = fc.stringMatching(/^[a-z.]{1,5}$/);
    const word = fc.oneof(
      name,
      fc.tuple(name, fc.stringMatching(/^[a-zA-Z0-9=,]{0,5}$/)).map((pair) => pair.join("=")),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const back = kernelArguments(words.join(" ")).flatMap((map) =>
          Object.entries(map).flatMap(([key, value]) =>
            key === "_" ? value.split(" ") : [`${key}=${value}`],
          ),
        );
        expect(back.sort()).toEqual([...words].sort());
      }),
    );
  });
});
