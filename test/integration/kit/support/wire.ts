// What the protocol looks like on the wire, written down independently of the kit's own tables.
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";

export function secret(value: unknown): object {
  return { [signature]: "1b47061264138c4ac30d75fd1eb44270", value };
}

export function output(members: { value?: unknown; secret?: boolean }): object {
  return { [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...members };
}
