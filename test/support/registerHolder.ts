const loadAddress = 0x40_0000;
const headerBytes = 64;
const segmentBytes = 56;

/** Loads its argument's first 32 bytes into two vector registers, and goes round in a circle with them there. */
const code = Buffer.from(
  [
    "488b7c2410", // mov rdi, [rsp+16]: argv[1]
    "0f1007", // movups xmm0, [rdi]
    "0f104f10", // movups xmm1, [rdi+16]
    "ebfe", // jmp to itself
  ].join(""),
  "hex",
);

/**
 * First-boot commands after which a processor of the template has its machine-id in registers when it is saved: a program takes the
 * processor for itself as soon as the preparation has emptied the id's file.
 */
export function holdMachineId(): Record<string, unknown> {
  const wait = "while [ -s /etc/machine-id ]; do sleep 0.1; done";
  const hold = `id=$(cat /etc/machine-id); ${wait}; exec /run/hold $id`;
  return {
    runcmd: [
      `printf %s ${executable().toString("base64")} | base64 -d >/run/hold; chmod 755 /run/hold`,
      `setsid sh -c '${hold}' </dev/null >/dev/null 2>&1 &`,
    ],
  };
}

/** The smallest ELF file of x86-64 (System V ABI, AMD64 supplement) with this code. */
function executable(): Buffer {
  const size = headerBytes + segmentBytes + code.length;
  const header = Buffer.alloc(headerBytes);
  Buffer.from("7f454c46020101", "hex").copy(header);
  header.writeUInt16LE(2, 16); // executable
  header.writeUInt16LE(62, 18); // x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(loadAddress + headerBytes + segmentBytes), 24);
  header.writeBigUInt64LE(BigInt(headerBytes), 32);
  header.writeUInt16LE(headerBytes, 52);
  header.writeUInt16LE(segmentBytes, 54);
  header.writeUInt16LE(1, 56);
  const segment = Buffer.alloc(segmentBytes);
  segment.writeUInt32LE(1, 0); // loaded
  segment.writeUInt32LE(5, 4); // to be read and run
  segment.writeBigUInt64LE(BigInt(loadAddress), 16);
  segment.writeBigUInt64LE(BigInt(loadAddress), 24);
  segment.writeBigUInt64LE(BigInt(size), 32);
  segment.writeBigUInt64LE(BigInt(size), 40);
  segment.writeBigUInt64LE(4096n, 48);
  return Buffer.concat([header, segment, code]);
}
