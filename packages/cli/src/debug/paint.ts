/** Colours, on a terminal that wants them. */

export type Paint = (style: 'bold' | 'red' | 'green', text: string) => string;

/** What turns each style on, and off again. */
const CODES: Readonly<Record<Parameters<Paint>[0], readonly [number, number]>> = {
  bold: [1, 22],
  red: [31, 39],
  green: [32, 39],
};

export const plain: Paint = (_, text) => text;

export const coloured: Paint = (style, text) => {
  const [on, off] = CODES[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};
