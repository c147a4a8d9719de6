/** What little of protocol buffers is spoken here: fields that have a length, which are texts, bytes and messages. */

/** The fields that have a length, by number; others are skipped. Ends where the message is broken off. */
export function* readFields(message: Buffer): Generator<[field: number, value: Buffer]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < message.length; shift += 7) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = varint();
      yield [Math.floor(tag / 8), message.subarray(at, at + length)];
      at += length;
    } else return;
  }
}

/** A message of such fields; those without a value are left out, as the format has it. */
export function writeFields(values: Readonly<Record<number, string | Buffer>>): Buffer {
  const parts = Object.entries(values).flatMap(([field, value]) => {
    const bytes = Buffer.from(value as string);
    return bytes.length === 0 ? [] : [varint(Number(field) * 8 + 2), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
