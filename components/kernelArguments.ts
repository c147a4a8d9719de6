/**
 * A kernel command line in the form that libvirt's Terraform provider takes: one map an argument, `_` for one without a value.
 * The provider sorts them, so that the order of arguments of the same name is not kept.
 */
export function kernelArguments(cmdline: string): Record<string, string>[] {
  return cmdline
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const equals = word.indexOf("=");
      return equals < 0 ? { _: word } : { [word.slice(0, equals)]: word.slice(equals + 1) };
    });
}
