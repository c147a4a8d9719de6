import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forkXml } from "../../../../providers/berth/template/forkMemory.js";
import { readHead, withXml } from "../../../../providers/berth/template/savedImage.js";

/** A saved file's beginning as libvirt writes it. */
function head(
  xml: string,
  cookie: string,
  padding: number,
  change: Partial<Record<number, number>> = {},
): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${xml}\0`),
    cookie === "" ? Buffer.alloc(0) : Buffer.from(`${cookie}\0`),
    Buffer.alloc(padding),
  ]);
  const bytes = Buffer.concat([Buffer.alloc(92), content]);
  bytes.write("LibvirtQemudSave");
  const fields = [2, content.length, 1, 0, cookie === "" ? 0 : Buffer.byteLength(xml) + 1];
  fields.forEach((value, index) => {
    bytes.writeUInt32LE(change[index] ?? value, 16 + 4 * index);
  });
  return bytes;
}

const text = fc.string({ maxLength: 200, unit: "binary" }).map((one) => `<${one.replaceAll("\0", "")}>`);

describe("the head of a saved machine", () => {
  test("another description takes the old one's place, and nothing moves", () => {
    fc.assert(
      fc.property(text, text, fc.option(text, { nil: "" }), (before, after, cookie) => {
        const bytes = head(before, cookie, 1000);
        const changed = withXml(Buffer.concat([bytes, Buffer.from("memory")]), after);
        expect(changed.length).toBe(bytes.length);
        expect(readHead(changed)).toEqual({ xml: after, cookie, dataOffset: bytes.length });
        expect(changed.subarray(0, 32)).toEqual(bytes.subarray(0, 32));
      }),
    );
  });

  test("a description that does not fit is refused", () => {
    expect(() => withXml(head("<a/>", "", 10), "x".repeat(30))).toThrow("16 bytes too long");
  });

  test.each([
    ["not a saved machine", Buffer.from("x".repeat(200)), "not a machine saved by libvirt"],
    ["cut short at once", Buffer.from("LibvirtQemudSave"), "cut short"],
    ["cut short in its head", head("<domain/>", "", 100).subarray(0, 120), "head is cut short"],
    ["of another version", head("<domain/>", "", 0, { 0: 1 }), "version 1"],
    ["compressed", head("<domain/>", "", 0, { 3: 5 }), 'save_image_format = "raw"'],
  ])("a file that is %s is refused", (_, bytes, message) => {
    expect(() => readHead(bytes)).toThrow(message);
  });
});

test("a fork's description has nothing of its template's name, UUID, disk or files", () => {
  const xml = `<domain type='qemu' id='3'>
  <name>template</name>
  <uuid>11111111-2222-4333-8444-555555555555</uuid>
  <genid>99999999-2222-4333-8444-555555555555</genid>
  <description>----</description>
  <os><kernel>/pool/old-vmlinuz</kernel><initrd>/pool/old-initrd</initrd></os>
  <source file='/pool/template.qcow2'/><log file='/logs/template.log' append='on'/>
  <interface type='ethernet'>
    <mac address='52:54:00:00:00:01'/><target dev='vnet-template' managed='yes'/><model type='virtio'/><link state='down'/>
    <alias name='net0'/><address type='pci' bus='0x01'/>
  </interface>
  <channel type='unix'><source mode='bind' path='/run/channel/template/agent'/><target type='virtio'/></channel>
</domain>`;
  const paths = {
    disk: "/pool/template.qcow2",
    consoleLog: "/logs/template.log",
    kernel: "/pool/old-vmlinuz",
    initrd: "/pool/old-initrd",
  };
  const fork = forkXml(xml, paths, "aaaaaaaa-2222-4333-8444-555555555555", {
    name: "web & co",
    disk: "/pool/web.qcow2",
    consoleLog: "/logs/web.log",
    nic: { network: "machines", mac: "52:54:00:00:00:0A" },
    kernel: "/pool/vmlinuz",
    initrd: "/pool/initrd",
  });
  expect(fork).not.toMatch(/template|old-|11111111|99999999|----|ethernet|00:01/);
  for (const part of [
    "<name>web &amp; co</name>",
    "<uuid>aaaaaaaa-2222-4333-8444-555555555555</uuid>",
    "<genid/>",
    "file='/pool/web.qcow2'",
    "file='/logs/web.log'",
    "<kernel>/pool/vmlinuz</kernel>",
    '<interface type="network"><mac address="52:54:00:00:00:0a"/><source network="machines"/>',
    "<model type='virtio'/><link state='down'/><alias name='net0'/><address type='pci' bus='0x01'/></interface>",
  ]) {
    expect(fork).toContain(part);
  }
});
