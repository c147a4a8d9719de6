import { expect, test } from "vitest";
import { parse } from "yaml";
import { withClone } from "../../../../cli/backup/cloneMachine.js";
import { readJob } from "../../../../cli/backup/machine/copyDisks.js";
import { withLinksDown } from "../../../../cli/backup/machine/restoreMachine.js";

test("how far libvirt's job is", () => {
  const running = [
    "Job type:         Unbounded   ",
    "Operation:        Backup      ",
    "File processed:   1.500 GiB",
    "File remaining:   2.500 GiB",
    "File total:       4.000 GiB",
  ].join("\n");
  expect(readJob(running)).toEqual({ progress: 37 });
  expect(readJob("Job type:         Unbounded\nOperation:        Backup")).toEqual({ progress: 0 });
  expect(readJob("Job type:         None")).toEqual({});
});

test("a machine's cables are out, all of them, once", () => {
  const nic = (more = "") => `<interface type='network'><source network='n'/>${more}</interface>`;
  const down = `<interface type='network'><source network='n'/><link state="down"/></interface>`;
  const text = `<devices>${nic()}${nic("<link state='up'/>")}</devices>`;
  expect(withLinksDown(text)).toBe(`<devices>${down}${down}</devices>`);
  expect(withLinksDown(withLinksDown(text))).toBe(withLinksDown(text));
});

test("a clone is described as its source, but for the address; comments stay", () => {
  const file =
    "config:\n  # The machines.\n  berth:machines:\n    web-1: { memory: 2GiB, address: 10.0.0.9 }\n    web-2: {}\n";
  const text = withClone(file, "web-1", "web-9");
  expect(text).toContain("# The machines.");
  expect(parse(text).config["berth:machines"]).toEqual({
    "web-1": { memory: "2GiB", address: "10.0.0.9" },
    "web-2": {},
    "web-9": { memory: "2GiB" },
  });
  expect(parse(withClone(file, "web-2", "web-9")).config["berth:machines"]["web-9"]).toEqual({});
});
