/** Completion: what can be typed next, commands first, then what the command takes. */
import { ATTRIBUTES, BARE_NAMES, EVENT_COLUMNS } from '@heaptape/replay';
import { type CommandGroup, commandOf, firstWord } from './command.ts';
import type { Session } from './session.ts';

/** Words of the language of expressions, names of roots included. */
export function expressionWords(session: Session): readonly string[] {
  const roots = session.travel.facts.rootNames();
  const globals = roots.flatMap(
    (name) => /^global ([\p{L}_][\p{L}\p{Nd}_]*)$/u.exec(name)?.[1] ?? [],
  );
  return [
    ...BARE_NAMES,
    ...EVENT_COLUMNS.map((name) => `event.${name}`),
    ...globals.map((name) => `global.${name}`),
  ];
}

const MOST_UNASKED = 40;

/** Possible ends of a line that is being typed, and the part of it that they replace. */
export function completions(
  groups: readonly CommandGroup[],
  session: Session,
  line: string,
): [string[], string] {
  const last = /[^\s(!&|,=<>+*/%-]*$/.exec(line)?.[0] ?? '';
  const begun = line.trimStart();
  if (!/\s/.test(begun)) {
    const names = groups.flatMap(({ commands }) => commands.map(({ name }) => name));
    return [names.filter((name) => name.startsWith(begun)), begun];
  }
  const attribute = /^(.*\.)(\w*)$/.exec(last);
  if (attribute !== null && !/^(event|global)\.$/.test(attribute[1])) {
    const found = Object.keys(ATTRIBUTES).filter((name) => name.startsWith(attribute[2]));
    return [found.map((name) => attribute[1] + name), last];
  }
  const [word, rest] = firstWord(begun);
  try {
    const words = [...new Set(commandOf(groups, word).complete?.(session, rest))];
    // Some hundred names of figures and events say nothing to one who has typed none of it.
    if (last === '' && words.length > MOST_UNASKED) return [[], last];
    return [words.filter((name) => name.startsWith(last)), last];
  } catch {
    return [[], last];
  }
}
