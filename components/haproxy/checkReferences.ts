import type { HaproxyBackend, HaproxyFrontend, HaproxyModel } from "./model.js";

/**
 * Finds names that occur twice or lead nowhere.
 *
 * @throws RangeError with all of them.
 */
export function checkReferences({ frontends, backends, sections = [] }: HaproxyModel): void {
  const mistakes = [
    ...twice("frontend", frontends),
    ...twice("backend", backends),
    ...twice(
      "section",
      sections.map(({ title }) => ({ name: title })),
    ),
    ...backends.flatMap(({ name, servers }) => twice(`backend "${name}"'s server`, servers)),
  ];
  const known = new Set(backends.map(({ name }) => name));
  for (const one of frontends) mistakes.push(...unknownAcls(`frontend "${one.name}"`, one));
  for (const one of backends) mistakes.push(...unknownAcls(`backend "${one.name}"`, one));
  for (const { name, acls = [], useBackends = [], defaultBackend } of frontends) {
    const conditions = new Set(acls.map((acl) => acl.name));
    const used = useBackends.map(({ backend }) => backend);
    for (const backend of defaultBackend === undefined ? used : [...used, defaultBackend]) {
      if (!known.has(backend))
        mistakes.push(`frontend "${name}" uses backend "${backend}", which is not there`);
    }
    for (const { backend, acls: needed } of useBackends) {
      if (needed.length === 0)
        mistakes.push(`frontend "${name}" uses backend "${backend}" under no condition`);
      for (const acl of needed.filter((one) => !conditions.has(one))) {
        mistakes.push(`frontend "${name}" asks for ACL "${acl}", which is not there`);
      }
    }
  }
  if (mistakes.length > 0) throw new RangeError(`HAProxy: ${mistakes.join("; ")}.`);
}

/** ACLs that rules ask for and that are not there. */
function unknownAcls(where: string, section: HaproxyFrontend | HaproxyBackend): string[] {
  const { acls = [], requestRules = [], responseRules = [] } = section;
  const { connectionRules = [], content = undefined } = "binds" in section ? section : {};
  const rules = [...connectionRules, ...(content?.rules ?? []), ...requestRules, ...responseRules];
  const known = new Set(acls.map(({ name }) => name));
  const asked = rules.flatMap((rule) => [...(rule.if ?? []), ...(rule.unless ?? [])]);
  const missing = [...new Set(asked)].filter((acl) => !known.has(acl));
  const empty = rules.some((rule) => rule.if?.length === 0 || rule.unless?.length === 0);
  return [
    ...missing.map((acl) => `${where} asks for ACL "${acl}", which is not there`),
    ...(empty ? [`${where} has a rule with a condition that names no ACL`] : []),
  ];
}

function twice(kind: string, list: readonly { readonly name: string }[]): string[] {
  const names = list.map(({ name }) => name);
  const again = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(again)].map((name) => `${kind} "${name}" is there twice`);
}
