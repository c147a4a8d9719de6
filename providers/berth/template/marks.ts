/** The ways in which an identifier lies in a machine's memory: as text, and as the bytes of a UUID in either order. */
export type MarkForm = "text" | "upper" | "hex" | "bytes" | "smbios";

export interface Mark {
  /** Which identifier. */
  readonly of: keyof Identifiers;
  readonly form: MarkForm;
  /** Which of its bytes lie there: all of them, or those on one side of a page's end. */
  readonly from: number;
  readonly to: number;
  /** Positions in the saved file. */
  readonly at: readonly number[];
  /** They are {@link registerBytes} that a processor holds, in the other order. Default: they lie in memory. */
  readonly inRegister?: true;
}

/** How much of a register QEMU saves as one number, highest byte first: where memory holds text, the last letter. */
export const registerBytes = 8;

/** What a machine can be told by. UUIDs and the like in their text form, lower case. */
export interface Identifiers {
  /** The domain's UUID, which is the board's in the firmware's tables. */
  readonly system: string;
  /** systemd's machine-id. */
  readonly machine: string;
  /** The kernel's boot id. */
  readonly boot: string;
  /** Docker's engine id; none where there is no Docker. */
  readonly engine?: string;
  /** What the journal's files are numbered under; none where they lie elsewhere than systemd puts them. */
  readonly journal?: string;
  /** Its network interface's address. */
  readonly mac: string;
}

/** An identifier in one form. Each form of one kind has the same length for any identifier of that kind. */
export function inForm(id: string, form: MarkForm): Buffer {
  const hex = id.replaceAll(/[-:]/g, "");
  switch (form) {
    case "text":
      return Buffer.from(id);
    case "upper":
      return Buffer.from(id.toUpperCase());
    case "hex":
      return Buffer.from(hex);
    case "bytes":
      return Buffer.from(hex, "hex");
    case "smbios": {
      // The first three groups with their bytes turned round (SMBIOS specification, 7.2.1).
      const bytes = Buffer.from(hex, "hex");
      bytes.subarray(0, 4).reverse();
      bytes.subarray(4, 6).reverse();
      bytes.subarray(6, 8).reverse();
      return bytes;
    }
  }
}

const uuidForms: readonly MarkForm[] = ["text", "upper", "hex", "bytes", "smbios"];

/** One identifier in one form. */
export interface Pattern {
  readonly of: Mark["of"];
  readonly form: MarkForm;
  readonly bytes: Buffer;
  /** Half of it tells nothing: others may begin or end alike. */
  readonly whole: boolean;
}

/** What to look for: each identifier in each of its forms. */
export function patterns({ system, machine, boot, engine, journal, mac }: Identifiers): Pattern[] {
  const pattern = (of: Mark["of"], id: string, form: MarkForm) => ({
    of,
    form,
    bytes: inForm(id, form),
    whole: of === "mac",
  });
  const uuids = Object.entries({
    system,
    ...(machine !== system && { machine }),
    boot,
    ...(journal !== undefined && { journal }),
  });
  return [
    ...uuids.flatMap(([of, id]) => uuidForms.map((form) => pattern(of as Mark["of"], id, form))),
    ...(engine === undefined ? [] : [pattern("engine", engine, "text")]),
    ...(["text", "upper", "hex", "bytes"] as const).map((form) => pattern("mac", mac, form)),
  ];
}

/** Writes of `ids` over the places where the template's identifiers lie. */
export function* replacements(
  marks: readonly Mark[],
  ids: Identifiers,
): Generator<{ at: number; bytes: Buffer }> {
  for (const { of, form, from, to, at, inRegister } of marks) {
    const id = ids[of];
    if (id === undefined) throw new Error(`the template has an identifier "${of}", and the fork has none`);
    const bytes = Buffer.from(inForm(id, form).subarray(from, to));
    if (inRegister) bytes.reverse();
    for (const position of at) yield { at: position, bytes };
  }
}
