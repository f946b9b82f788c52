/** Which commands fit what was typed, best first: word starts before anything inside a word; case and marks do not count. */

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

export function rank<T extends { label: string }>(commands: readonly T[], text: string): T[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...commands];
  const score = (label: string): number => {
    const folded = fold(label);
    if (!words.every((word) => folded.includes(word))) return -1;
    return words.filter((word) => folded.startsWith(word) || folded.includes(` ${word}`)).length;
  };
  return commands
    .map((command) => ({ command, score: score(command.label) }))
    .filter((c) => c.score >= 0)
    .sort((a, b) => b.score - a.score)
    .map((c) => c.command);
}
