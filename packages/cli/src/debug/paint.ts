/** Colours, on a terminal that wants them. */
import { styleText } from 'node:util';

export type Paint = (style: 'bold' | 'dim' | 'red' | 'green', text: string) => string;

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => styleText(style, text);
