/** Decides which paths of a build context are left out. Later patterns win; `!` takes a path back in. */
export interface IgnoreRules {
  /** `path` relative to the context, with `/`. */
  ignores(path: string): boolean;
  /** Whether a folder that is left out may hold something that is not: then it must be looked into. */
  readonly hasExceptions: boolean;
}

/**
 * The rules of a `.dockerignore` file: a pattern a line, `#` comments, `*` and `?` within a name, `[a-z]`, `**` for any
 * folders, and a match of a folder holds for all in it (Docker reference, ".dockerignore file").
 */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "!")
    .map((line) => {
      const exception = line.startsWith("!");
      const pattern = normalise(exception ? line.slice(1).trim() : line);
      return { exception, pattern, expression: toExpression(pattern) };
    })
    .filter(({ pattern }) => pattern !== "" && pattern !== ".");
  return {
    hasExceptions: rules.some(({ exception }) => exception),
    ignores: (path) =>
      rules.reduce((out, rule) => (rule.expression.test(path) ? !rule.exception : out), false),
  };
}

/** Without `./`, `a/../`, and slashes at either end. */
function normalise(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function toExpression(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char === "*" && pattern[at + 1] === "*") {
      at++;
      if (pattern[at + 1] === "/") at++;
      source += at === pattern.length - 1 ? ".*" : "(?:.*/)?";
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) throw new Error(`.dockerignore: "${pattern}" has a "[" without a "]".`);
      source += `[${pattern.slice(at + 1, end).replace(/\\/g, "\\\\")}]`;
      at = end;
    } else if (char === "\\" && at + 1 < pattern.length) source += escapeSign(pattern[++at] as string);
    else source += escapeSign(char);
  }
  return new RegExp(`^${source}(?:/.*)?$`);
}

function escapeSign(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
