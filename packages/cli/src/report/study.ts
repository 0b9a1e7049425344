/** A what-if as its reports need it, and how its settings are called in them. */
import type { HeapPoint, Scenario, WhatIfAnswer } from '@heaptape/replay';
import { gogcText } from '../settings.ts';
import { size } from './units.ts';

export interface Study {
  /** The file that was asked about. */
  readonly name: string;
  /** The settings of the recording. */
  readonly own: Scenario;
  readonly answer: WhatIfAnswer;
  readonly warnings: readonly string[];
  /** The heap curve as recorded; empty where it is not known. */
  readonly recordedSeries: readonly HeapPoint[];
}

/** Whether a scenario has the settings of the recording. */
export const isOwn = (own: Scenario, scenario: Scenario): boolean =>
  own.gogc === scenario.gogc &&
  own.memoryLimit === scenario.memoryLimit &&
  own.procs === scenario.procs &&
  own.collector === scenario.collector &&
  (own.compact ?? false) === (scenario.compact ?? false);

const limitText = (bytes: number): string =>
  bytes === 0
    ? 'off'
    : size(bytes)
        .replace(/\.0+(?= )/, '')
        .replace(' ', '');

/** A name for scenarios that says GOGC, and of the rest what is not the recording's. */
export function namer(own: Scenario, scenarios: readonly Scenario[]): (of: Scenario) => string {
  const differs = (key: keyof Scenario): boolean => scenarios.some((s) => s[key] !== own[key]);
  const [limits, procs, collectors] = [
    differs('memoryLimit'),
    differs('procs'),
    differs('collector'),
  ];
  return (of) =>
    [
      `GOGC=${gogcText(of.gogc)}`,
      ...(limits ? [`GOMEMLIMIT=${limitText(of.memoryLimit)}`] : []),
      ...(procs ? [`GOMAXPROCS=${of.procs}`] : []),
      ...(collectors ? [of.collector] : []),
      ...(of.compact ? ['compacting'] : []),
    ].join(' ');
}
