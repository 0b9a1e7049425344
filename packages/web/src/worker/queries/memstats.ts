/** MemStats at this place, with Go's field names; the rings of pauses are left out. */
import { type MemStats, readMemStats } from '@heaptape/core';
import type { Query } from '../query.ts';

export type MemStatsView = Omit<MemStats, 'PauseNs' | 'PauseEnd'>;

export const memstats: Query<null, MemStatsView> = ({ travel }) => {
  const { PauseNs: _, PauseEnd: __, ...rest } = readMemStats(travel.world);
  return rest;
};
