/** The way to a value: names of members and indices of elements. */
export type Path = readonly (string | number)[];

const simpleName = /^[A-Za-z_$][\w$-]*$/;

/** `["ports", 0, "internal"]` is `ports[0].internal`; a name with other signs is quoted: `labels["a.b"]`. Empty: "". */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (simpleName.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The reverse of {@link formatPath}. A step `*` (as in `env[*]`, the user's `ignoreChanges`) is kept as the name `*`. */
export function parsePath(text: string): Path {
  const steps: (string | number)[] = [];
  const pattern = /\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]]+)/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) {
      steps.push(text.slice(at));
      break;
    }
    const [whole, index, quoted, name] = match;
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(JSON.parse(`"${quoted}"`));
    else steps.push(name ?? (whole === "[*]" ? "*" : whole));
  }
  return steps;
}

/** Does the pattern name this path or something that holds it? `*` in the pattern stands for any step. */
export function covers(pattern: Path, path: Path): boolean {
  return pattern.length <= path.length && pattern.every((step, i) => step === "*" || step === path[i]);
}
