/**
 * The words of a line as HAProxy's manual has them (section 2.2, quoting and escaping): an implementation of its own, so
 * that what the renderer writes is not judged by the renderer. Throws where a quote stays open or a variable would be
 * put in.
 */
export function haproxyWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!;
    if (quote === "'") {
      if (character === "'") quote = undefined;
      else word += character;
    } else if (character === "\\") {
      word = (word ?? "") + (line[++index] ?? "");
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (quote === '"' && character === "$") {
      throw new Error(`a variable in: ${line}`);
    } else if (quote === undefined && character === "#") {
      break;
    } else if (quote === undefined && (character === " " || character === "\t")) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) throw new Error(`an open quote in: ${line}`);
  return word === undefined ? words : [...words, word];
}
