/**
 * From a pressed key to an action. Keys that are typed into a field are the field's, and so are those that a
 * button, a link or a list moves or presses by itself.
 */
import type { Action } from './actions.ts';

/** The part of a keyboard's event that names a key. */
export interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** A key as the table of actions names it. */
export function keyName({ key, shiftKey, ctrlKey, metaKey, altKey }: Pressed): string {
  // A character is what Shift made of it; a named key and the space bar are not changed by it.
  const shift = shiftKey && (key.length > 1 || key === ' ') ? 'Shift+' : '';
  return `${ctrlKey || metaKey ? 'Control+' : ''}${altKey ? 'Alt+' : ''}${shift}${key}`;
}

/** Actions by key. Throws where two of them have one key. */
export function keyTable(actions: readonly Action[]): ReadonlyMap<string, Action> {
  const table = new Map<string, Action>();
  for (const action of actions) {
    for (const key of action.keys) {
      const other = table.get(key);
      if (other !== undefined) throw new Error(`${key}: ${other.id} and ${action.id}`);
      table.set(key, action);
    }
  }
  return table;
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ' ': 'Space',
  Control: 'Ctrl',
  Escape: 'Esc',
};

/** A key for people: its parts, each to be shown as one key. */
export function keyParts(name: string): string[] {
  if (name === '+') return ['+'];
  return name.split('+').map((part) => NAMES[part] ?? part);
}

/** What a key is for that an element with a role of its own has taken the focus for. */
const OWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  button: [' ', 'Enter'],
  summary: [' ', 'Enter'],
  a: ['Enter'],
};

/** Whether a key belongs to the element that has the focus. */
export function isOfElement(element: Element | null, name: string): boolean {
  if (element === null) return false;
  const tag = element.tagName.toLowerCase();
  if (name === 'Escape') return false;
  if (tag === 'input' || tag === 'textarea' || tag === 'select') return true;
  return OWN_KEYS[tag]?.includes(name) ?? false;
}
