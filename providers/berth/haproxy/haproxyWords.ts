import { textBlock } from "../textBlock.js";

const mostLines = 10;

/** What HAProxy said about a file: its errors, its warnings, and the lines of the configuration that they name. */
export interface HaproxyWords {
  readonly errors: string;
  readonly warnings: readonly string[];
  /** Numbers of the lines that the errors name, ascending. */
  readonly lines: readonly number[];
}

/** Reads the messages of `haproxy -c`. `candidate` is the name that it was given, `path` the one to show instead. */
export function haproxyWords(output: string, candidate: string, path: string): HaproxyWords {
  const messages = output
    .replaceAll(candidate, path)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const of = (level: string) => messages.filter((line) => line.startsWith(`[${level}]`)).map(withoutHead);
  const alerts = of("ALERT");
  const errors = alerts.length > 0 ? alerts : messages.map(withoutHead);
  const marker = new RegExp(`\\[${escapeRegExp(path)}:(\\d+)\\]`, "g");
  const numbers = [...errors.join("\n").matchAll(marker)].map(([, number]) => Number(number));
  return {
    errors: errors.join("\n"),
    warnings: of("WARNING"),
    lines: [...new Set(numbers)].sort((one, other) => one - other),
  };
}

/** The paragraph of an error: HAProxy's words, and below them the lines that they name. */
export function explainRefusal(words: HaproxyWords, config: string): string {
  const text = config.split("\n");
  const shown = words.lines
    .filter((number) => text[number - 1] !== undefined)
    .slice(0, mostLines)
    .map((number) => `${String(number).padStart(5)}: ${text[number - 1]?.trim()}`);
  return textBlock([words.errors, ...shown].join("\n"), 40);
}

/** Without level, process number and the word `config`: `[ALERT]    (23) : config : …`. */
function withoutHead(line: string): string {
  return line.replace(/^\[\w+\]\s*(?:\d+\/\d+ )?\(\d+\) : (?:config : )?/, "");
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
