import { describe, expect, test } from 'vitest';
import { ALL_ACTIONS as ACTIONS } from '../panels.ts';
import { keyName, keyParts, keyTable } from './keys.ts';

const pressed = (key: string, ...held: ('shift' | 'ctrl' | 'meta' | 'alt')[]): string =>
  keyName({
    key,
    shiftKey: held.includes('shift'),
    ctrlKey: held.includes('ctrl'),
    metaKey: held.includes('meta'),
    altKey: held.includes('alt'),
  });

describe('keys', () => {
  test('every action has one, and no two have the same', () => {
    expect(keyTable(ACTIONS).size).toBe(ACTIONS.flatMap(({ keys }) => keys).length);
    for (const { keys, title } of ACTIONS) {
      expect(keys.length).toBeGreaterThan(0);
      expect(title).toMatch(/^[A-Z]/);
    }
    expect(new Set(ACTIONS.map(({ id }) => id)).size).toBe(ACTIONS.length);
  });

  test('two actions with one key are a mistake', () => {
    const [first] = ACTIONS;
    expect(() => keyTable([first, { ...first, id: 'other' }])).toThrow(/other/);
  });

  test('are named as the table names them', () => {
    expect(pressed('ArrowLeft', 'shift')).toBe('Shift+ArrowLeft');
    expect(pressed('?', 'shift')).toBe('?');
    expect(pressed(' ', 'shift')).toBe('Shift+ ');
    expect(pressed('z', 'ctrl')).toBe('Control+z');
    expect(pressed('z', 'meta')).toBe('Control+z');
    expect(pressed('P', 'shift')).toBe('P');
    expect(pressed('+', 'shift')).toBe('+');
  });

  test('are shown part by part', () => {
    expect(keyParts('Shift+ArrowLeft')).toEqual(['Shift', '←']);
    expect(keyParts('+')).toEqual(['+']);
    expect(keyParts('Shift+ ')).toEqual(['Shift', 'Space']);
  });
});
