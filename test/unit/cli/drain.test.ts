import { expect, test } from "vitest";
import { parse } from "yaml";
import { withDrain } from "../../../cli/drain.js";

const text = `# What runs here.
config:
  berth:machines:
    # The old one.
    web-1: {}
    web-2:
      memory: 2GiB # enough
    web-3:
  berth:placement: { prefer: pack }
`;

test.each(["web-1", "web-2", "web-3"])(
  "%s is drained and used again, and the file stays what it is",
  (name) => {
    const drained = withDrain(text, name, true);
    expect(parse(drained).config["berth:machines"][name].drain).toBe(true);
    for (const comment of ["# What runs here.", "# The old one.", "# enough"])
      expect(drained).toContain(comment);
    const again = withDrain(drained, name, false);
    const machines = parse(text).config["berth:machines"];
    expect(parse(again).config).toEqual({
      ...parse(text).config,
      "berth:machines": { ...machines, [name]: machines[name] ?? {} },
    });
  },
);

test("draining changes one line", () => {
  const [before, after] = [text, withDrain(text, "web-1", true)].map((each) => each.split("\n"));
  expect(after!.filter((line, index) => line !== before![index])).toEqual(["    web-1: { drain: true }"]);
});
