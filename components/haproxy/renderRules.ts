import type { HaproxyAcl, HaproxyAction, HaproxyRule, HaproxyText } from "./model.js";
import { literalFormat, number, sectionName, word } from "./words.js";

/** HAProxy reads at most 64 words of a line. */
const valuesPerLine = 32;

export function aclLines(acls: readonly HaproxyAcl[] = []): string[] {
  return acls.flatMap(({ name, criterion, values, file }) => {
    const start = `acl ${sectionName("ACL", name)} ${criterion.map(word).join(" ")}`;
    const source = file === undefined ? "" : ` -f ${word(file)}`;
    if (values.length === 0) return [`${start}${source}`];
    // "--" ends the flags, so that a value that begins with a hyphen stays a value.
    return chunks(values).map((some) => `${start}${source} -- ${some.map(word).join(" ")}`);
  });
}

/** @param kind what the rules are for, such as `http-request`. */
export function ruleLines(kind: string, rules: readonly HaproxyRule[] = []): string[] {
  return rules.map((rule) => {
    const names = (acls: readonly string[]) => acls.map((acl) => sectionName("ACL", acl)).join(" ");
    return [
      kind,
      actionWords(rule),
      ...(rule.if ? [`if ${names(rule.if)}`] : []),
      ...(rule.unless ? [`unless ${names(rule.unless)}`] : []),
    ].join(" ");
  });
}

function actionWords(action: HaproxyAction): string {
  switch (action.do) {
    case "accept":
    case "reject":
      return action.do;
    case "track":
      return `track-sc${number("counter", action.counter, 0, 2)} ${word(action.key)}`;
    case "deny":
      return `deny deny_status ${number("status", action.status, 200, 599)}`;
    case "auth":
      return `auth realm ${word(action.realm)}`;
    case "redirect":
      return `redirect location ${text(action.location)} code ${number("code", action.code, 301, 308)}`;
    case "setHeader":
      return `set-header ${word(action.header)} ${text(action.value)}`;
    case "addHeader":
      return `add-header ${word(action.header)} ${text(action.value)}`;
    case "removeHeader":
      return `del-header ${word(action.header)}`;
    case "useService":
      return `use-service ${word(action.service)}`;
  }
}

function text(value: HaproxyText): string {
  return word(typeof value === "string" ? literalFormat(value) : value.format);
}

function chunks(values: readonly string[]): string[][] {
  const count = Math.ceil(values.length / valuesPerLine);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * valuesPerLine, (index + 1) * valuesPerLine),
  );
}
