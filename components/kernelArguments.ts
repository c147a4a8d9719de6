/**
 * A kernel command line in the one form in which libvirt's Terraform provider also reads it back, so that nothing seems to
 * have changed: values by name in maps, sorted, with a further map from each repeated name on; at the end, under `_`, those
 * without a value.
 *
 * The provider sorts arguments with values, so that the order of those of the same name is not kept.
 */
export function kernelArguments(cmdline: string): Record<string, string>[] {
  const words = cmdline.split(/\s+/).filter((word) => word !== "");
  const plain = words.filter((word) => !word.includes("="));
  const maps: Record<string, string>[] = [];
  let current: Record<string, string> = {};
  for (const word of words.filter((one) => one.includes("=")).sort()) {
    const equals = word.indexOf("=");
    const name = word.slice(0, equals);
    if (Object.hasOwn(current, name)) {
      maps.push(current);
      current = {};
    }
    current[name] = word.slice(equals + 1);
  }
  if (Object.keys(current).length > 0) maps.push(current);
  return plain.length > 0 ? [...maps, { _: plain.join(" ") }] : maps;
}
