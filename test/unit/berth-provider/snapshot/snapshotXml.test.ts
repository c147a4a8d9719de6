import fc from "fast-check";
import { expect, test } from "vitest";
import { domainDisks, snapshotDisks } from "../../../../providers/berth/domain/domainDisks.js";
import { describe, readSnapshotXml, snapshotXml } from "../../../../providers/berth/snapshot/snapshotXml.js";

const disk = (target: string, path: string, format: string, more = "") =>
  `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${path}' index='1'/>` +
  `<backingStore type='file'><format type='raw'/><source file='/base'/><backingStore/></backingStore>` +
  `<target dev='${target}' bus='virtio'/>${more}</disk>`;
const xml = (...disks: string[]) =>
  `<domain type='qemu'><name>web-1</name><description>a machine</description><devices>${disks.join("")}</devices></domain>`;

test("a domain's disks, and what it writes to", () => {
  const text = xml(
    disk("vda", "/p/web &amp; 1.qcow2", "qcow2"),
    disk("vdb", "/p/seed", "raw", "<readonly/>"),
  );
  expect(domainDisks(text)).toEqual([
    { target: "vda", path: "/p/web & 1.qcow2", format: "qcow2", readOnly: false },
    { target: "vdb", path: "/p/seed", format: "raw", readOnly: true },
  ]);
  expect(snapshotDisks(text).map(({ target }) => target)).toEqual(["vda"]);
});

test("a disk that keeps no snapshots is named, with what to do", () => {
  expect(() => snapshotDisks(xml(disk("vda", "/p/a", "qcow2"), disk("vdc", "/p/data", "raw")))).toThrow(
    /disk vdc \(\/p\/data\) is raw, and only qcow2 keeps snapshots.*berth backup/,
  );
  expect(() => snapshotDisks(xml())).toThrow(/web-1 has no disk/);
});

test("what libvirt is told is what is read again, whatever the words", () => {
  const word = fc.string().filter((text) => !/[\p{Cc}]/u.test(text) && !text.includes("[berth:"));
  fc.assert(
    fc.property(
      word,
      fc.constantFrom("memory", "frozen", "off", "crash"),
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
      (text, consistency, date) => {
        const told = snapshotXml(
          "before",
          describe(text.trim(), consistency),
          date,
          { inside: ["vda"], none: ["vdb"] },
          xml(),
        );
        expect(readSnapshotXml(told)).toEqual({
          name: "before",
          description: text.trim().replaceAll(/\s+/g, " "),
          taken: new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString(),
          consistency,
          memory: false,
        });
      },
    ),
  );
});

test("a snapshot that somebody else took is shown as it is", () => {
  const other = `<domainsnapshot><name>s1</name><state>running</state><creationTime>60</creationTime><memory snapshot='internal'/>${xml()}</domainsnapshot>`;
  expect(readSnapshotXml(other)).toEqual({
    name: "s1",
    description: "",
    taken: "1970-01-01T00:01:00.000Z",
    memory: true,
  });
});
